"""The sweep as a thread of every worker: whatever was lost is found again within an interval."""

import itertools
import logging
import threading

from django.db import connection

from engine import reconciler, waking
from events import intake, notifier, retention

logger = logging.getLogger(__name__)

INTERVAL = 2.0
"""Seconds between two sweeps; each is two queries over partial indexes."""
RECONCILING = 30
"""A worker looks for stranded runs at every sweep of this number."""


def sweep() -> int:
    """Notify of everything that is due; returns how many."""
    count = waking.sweep()
    for delivery_id in intake.unhandled(limit=1):  # a worker that responds handles the others as well
        notifier.notify(intake.QUEUE, delivery_id)
        count += 1
    return count


def start() -> threading.Event:
    """Sweep until the returned event is set."""
    stop = threading.Event()

    def work() -> None:
        for number in itertools.count():
            if stop.wait(INTERVAL):
                connection.close()
                return
            try:
                sweep()
                retention.remove_occasionally()
                if number % RECONCILING == 0:
                    reconciler.reconcile()
            except Exception:
                logger.exception("the sweep failed; it tries again")
                connection.close()

    threading.Thread(target=work, name="sweeper", daemon=True).start()
    return stop
