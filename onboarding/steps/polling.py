"""How long a wait lasts when no webhook ends it. All intervals follow settings, so that a laptop can be impatient."""

import time
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from engine.context import Work

MIN_INTERVAL = 10.0
SHARE = 0.1
"""The most that one wait may have of a worker."""


def next_check(work: Work) -> float:
    """Seconds until the next check of what others do, where a webhook should report it: a third of the time that it has taken
    so far, so that a lost webhook costs little of it. An unchanged answer does not count against the source host's rate
    limit. Where answers are slow, it is longer, so that many waits leave workers for other steps."""
    began = work.step.began_at or timezone.now()
    so_far = (timezone.now() - began).total_seconds()
    this_check = time.monotonic() - work.began
    interval = min(float(settings.ENV.portal_poll_seconds), max(MIN_INTERVAL, so_far / 3))
    return max(interval, this_check / SHARE - this_check)


def has_lasted(work: Work, state: str, patience: timedelta) -> bool:
    """Whether the step has found the same state of something outside for that long. Keeps since when in its result."""
    now = work.now().timestamp()
    if work.step.result.get("unchanged") != state:
        work.remember(unchanged=state, unchanged_since=now)
        return False
    return now - float(work.step.result["unchanged_since"]) > patience.total_seconds()


def forget(work: Work) -> None:
    """What lasted is over."""
    if work.step.result.get("unchanged"):
        work.remember(unchanged="")


def watch_interval() -> float:
    """Seconds between two checks of what runs."""
    return float(settings.ENV.portal_watch_seconds)
