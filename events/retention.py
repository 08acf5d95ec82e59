"""How many webhooks are kept: a sender that never stops fills its own budget, not the disk. And when old rows are removed."""

import time
from collections.abc import Callable

from django.conf import settings

from database import prepared
from events import log

INTERVAL = 600.0
"""Seconds between two removals by one process."""
SOON = 10.0
"""The same while more is left."""
MEGABYTE = 1_000_000

_SPEND = prepared.load(__package__, "spend_budget")
_REFUSE = prepared.load(__package__, "note_refusal")
_next_removal = [0.0]

Removal = Callable[[], bool]
"""Removes a little of what is old, and returns whether there may be more."""
_removal: list[Removal] = []


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


def set_removal(removal: Removal) -> None:
    """Registered at start-up: the rows of this room are not the only ones that have an age."""
    _removal[:] = [removal]


def remove_occasionally() -> None:
    """A little of what is old, unless this process did that a moment ago."""
    if _removal and time.monotonic() >= _next_removal[0]:
        _next_removal[0] = time.monotonic() + INTERVAL
        if _removal[0]():
            _next_removal[0] = time.monotonic() + SOON
