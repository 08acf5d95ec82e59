"""How long a wait lasts when no webhook ends it. All intervals follow settings, so that a laptop can be impatient."""

from django.conf import settings
from django.utils import timezone

from engine.context import Work

MIN_INTERVAL = 10.0


def next_check(work: Work) -> float:
    """Seconds until the next check of what others do, where a webhook should report it: a third of the time that it has taken
    so far, so that a lost webhook costs little of it. An unchanged answer does not count against the source host's rate
    limit."""
    began = work.step.began_at or timezone.now()
    so_far = (timezone.now() - began).total_seconds()
    return min(float(settings.ENV.portal_poll_seconds), max(MIN_INTERVAL, so_far / 3))


def watch_interval() -> float:
    """Seconds between two checks of what runs."""
    return float(settings.ENV.portal_watch_seconds)
