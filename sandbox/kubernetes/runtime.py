"""The cluster's life behind the API: controllers, kubelet and scraper, each a thread."""

import logging
import threading
import time
from collections.abc import Callable

from django.db import OperationalError, connections

from sandbox.kubernetes import autoscaling, network, scraping, services, store, workloads
from sandbox.kubernetes.kubelet import node

logger = logging.getLogger(__name__)
AT_LEAST_EVERY = 1.0
ANYWAY_EVERY = 2.0
"""Seconds after which the controllers look although nothing was written: deadlines and second tries pass by themselves."""
TOGETHER = 0.1
"""Seconds for which changes are gathered before one look at them all."""


def start() -> Callable[[], None]:
    """Starts the cluster's life; what it returns ends it, with every process, and keeps the objects."""
    logger.info("pods have %s", "their own networks" if network.pods_have_their_own() else "mapped ports")
    stop = threading.Event()
    threads = [threading.Thread(target=_control, args=(stop,), name="controllers", daemon=True)]
    threads.append(threading.Thread(target=scraping.run, args=(stop,), name="scraper", daemon=True))
    for thread in threads:
        thread.start()

    def close() -> None:
        stop.set()
        store.changed.set()
        for thread in threads:
            thread.join(5)
        node.stop()

    return close


def _control(stop: threading.Event) -> None:
    seen, looked = -1, 0.0
    while not stop.is_set():
        store.changed.clear()
        try:
            revision = store.revision()
            if revision != seen or time.monotonic() - looked > ANYWAY_EVERY:
                autoscaling.turn()
                workloads.turn()
                node.turn()
                services.turn()
                seen, looked = revision, time.monotonic()
        except OperationalError as error:  # the store is busy: the next look finds the same
            logger.warning("the controllers could not look: %s", error)
        except Exception:
            logger.exception("the controllers could not do their work")
        store.changed.wait(AT_LEAST_EVERY)
        stop.wait(TOGETHER)
    connections.close_all()
