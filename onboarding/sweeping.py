"""The sweep as a thread of every worker: whatever was lost is found again within an interval."""

import logging
import threading

from django.db import connection

from events import bell, intake
from onboarding.engine import waking

logger = logging.getLogger(__name__)

INTERVAL = 2.0
"""Seconds between two sweeps; two queries over partial indexes each."""


def once() -> int:
    """Ring for all that is due; returns how many."""
    rung = waking.sweep()
    for pk in intake.unhandled(limit=1):  # whoever answers handles the others as well
        bell.ring("events", pk)
        rung += 1
    return rung


def start() -> threading.Event:
    """Sweep until the returned event is set."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(INTERVAL):
            try:
                once()
            except Exception:
                logger.exception("the sweep failed; it tries again")
                connection.close()

    threading.Thread(target=work, name="sweep", daemon=True).start()
    return stop
