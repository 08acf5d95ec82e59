"""How long a wait lasts when no webhook ends it. All follow one setting, so that a laptop can be impatient."""

from django.conf import settings


def build() -> float:
    """Seconds between two looks at something that takes minutes."""
    return float(settings.ENV.portal_poll_seconds)


def people() -> float:
    """Seconds between two looks at something that somebody must do."""
    return float(settings.ENV.portal_poll_seconds)


def watch() -> float:
    """Seconds between two looks at what runs."""
    return float(settings.ENV.portal_watch_seconds)
