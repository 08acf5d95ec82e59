"""How long a wait lasts when no webhook ends it. All follow one setting, so that a laptop can be impatient."""

from django.conf import settings
from django.utils import timezone

from onboarding.engine.work import Work

SOON = 10.0


def news(work: Work) -> float:
    """Seconds between two looks at what others do, where a webhook should tell of it: a third of the time that it has taken
    so far, so that lost news cost little of it. An answer that is unchanged does not count against the source host's limit."""
    began = work.step.began_at or timezone.now()
    so_far = (timezone.now() - began).total_seconds()
    return min(float(settings.ENV.portal_poll_seconds), max(SOON, so_far / 3))


def watch() -> float:
    """Seconds between two looks at what runs."""
    return float(settings.ENV.portal_watch_seconds)
