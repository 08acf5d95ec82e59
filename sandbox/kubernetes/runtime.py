"""The cluster's background threads: the controllers, with the kubelet, and the scraper."""

import logging
import threading
import time
from collections.abc import Callable

from django.db import OperationalError, connections

from sandbox.kubernetes import accounts, autoscaling, network, quota, scraping, store, workloads
from sandbox.kubernetes.kubelet import node

logger = logging.getLogger(__name__)
CHECK_PERIOD = 1.0
RESYNC_PERIOD = 2.0
"""Seconds after which the controllers run without a change in the store, for deadlines and retries."""
BATCH_DELAY = 0.1
"""Seconds during which changes are collected before the controllers run."""


def start() -> Callable[[], None]:
    """Start the threads. Returns a function that ends them and every process, and keeps the objects."""
    logger.info("pods have %s", "their own networks" if network.supports_own_networks() else "mapped ports")
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
    last_revision, last_run = -1, 0.0
    while not stop.is_set():
        store.changed.clear()
        try:
            revision = store.revision()
            if revision != last_revision or time.monotonic() - last_run > RESYNC_PERIOD:
                autoscaling.reconcile()
                workloads.reconcile()
                node.reconcile()
                accounts.reconcile()
                quota.reconcile()
                last_revision, last_run = revision, time.monotonic()
        except OperationalError as error:  # the database is locked: the next run will find the same changes
            logger.warning("the controllers could not read the store: %s", error)
        except Exception:
            logger.exception("the controllers have failed")
        store.changed.wait(CHECK_PERIOD)
        stop.wait(BATCH_DELAY)
    connections.close_all()
