"""How many webhooks are kept, and for how long: a sender that never stops fills its own budget, not the disk."""

import time
from datetime import timedelta

from django.conf import settings

from database import prepared
from events import log

INTERVAL = 600.0
"""Seconds between two removals by one process."""
BATCH = 1_000
"""Deliveries that one removal takes: few enough for a statement of a moment."""
MEGABYTE = 1_000_000

_SPEND = prepared.load(__package__, "spend_budget")
_REFUSE = prepared.load(__package__, "note_refusal")
_REMOVE = prepared.load(__package__, "remove_old")
_last_removal = [0.0]


class BudgetUsedUp(Exception):
    """The source has stored as many bytes as it may keep; the message says how many."""


def budget() -> int:
    """Bytes that the stored bodies of one source may take."""
    return int(settings.ENV.portal_webhook_megabytes * MEGABYTE)


def spend(source: str, size: int) -> None:
    """Count these bytes, in the caller's transaction, which locks the source until it ends. Raises BudgetUsedUp."""
    if size > budget() or not prepared.execute(_SPEND, {"source": source, "size": size, "budget": budget()}):
        raise BudgetUsedUp(f"The webhooks of {source} have used up their {settings.ENV.portal_webhook_megabytes} MB")


def note_refusal(source: str) -> None:
    """The record gets one event for a budget that is used up, not one for each delivery that is refused."""
    if prepared.execute(_REFUSE, {"source": source}):
        log.record("onramp.webhooks.refused", source, megabytes=settings.ENV.portal_webhook_megabytes)


def remove_old() -> int:
    """Remove handled deliveries that are older than the retention, the oldest first; returns how many.

    Only this function of the database may: `events/migrations/0002_content.py` has it.
    """
    parameters = {"age": timedelta(days=settings.ENV.portal_webhook_days), "most": BATCH}
    ((count,),) = prepared.execute(_REMOVE, parameters)
    return int(count)


def remove_occasionally() -> None:
    """`remove_old`, unless this process did it a moment ago."""
    if time.monotonic() - _last_removal[0] >= INTERVAL:
        _last_removal[0] = time.monotonic()
        remove_old()
