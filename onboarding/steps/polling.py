"""How long a wait lasts when no webhook ends it. All intervals follow settings, so that a laptop can be impatient."""

import time

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


def watch_interval() -> float:
    """Seconds between two checks of what runs."""
    return float(settings.ENV.portal_watch_seconds)
