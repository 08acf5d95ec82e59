"""Points in time and lengths of time, for templates.

Without a script, times are in UTC and relative ones as of when the page was rendered; static/js/times.js puts them into the
reader's zone and keeps them up to date.
"""

from datetime import UTC, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from onboarding.pages import wording

register = template.Library()

RECENT = timedelta(days=1)
"""Within this, a point in time is shown relative to now."""


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A point in time as a `time` element: relative where it is recent, with the absolute time as its title."""
    return "" if value is None else _time(value, "moment", _relative(timezone.now() - value))


@register.filter
def due(value: datetime | None) -> SafeString | str:
    """When something will happen: as `moment`, but “now” for what is overdue."""
    if value is None:
        return ""
    age = timezone.now() - value
    return _time(value, "due", "now" if age >= timedelta() else _relative(age))


def _time(value: datetime, kind: str, text: str) -> SafeString:
    """`text` is empty where the absolute time is shown."""
    utc = value.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}" data-moment="{}">{}</time>',
        utc.isoformat(timespec="seconds"),
        f"{utc:%A, {utc.day} %B %Y, %H:%M:%S} UTC",
        kind,
        text or f"{utc:{utc.day} %b %Y, %H:%M} UTC",
    )


def _relative(age: timedelta) -> str:
    """“2 min ago”, “in 2 min”; empty where it is not recent. `relative` in static/js/times.js must agree with it."""
    length = abs(age)
    if length >= RECENT:
        return ""
    if length < timedelta(minutes=1):
        return "just now" if age >= timedelta() else "in under a minute"
    amount = (
        f"{length // timedelta(hours=1)} h" if length >= timedelta(hours=1) else f"{length // timedelta(minutes=1)} min"
    )
    return f"{amount} ago" if age > timedelta() else f"in {amount}"


@register.filter
def span(value: timedelta | None) -> str:
    """A length of time in two units at most."""
    return "" if value is None else wording.span(value)


@register.filter
def since(value: datetime | None) -> SafeString | str:
    """How long ago, as of when the page was rendered; a script keeps it running."""
    if value is None:
        return ""
    length = max(timezone.now() - value, timedelta())
    return format_html(
        '<time datetime="{}" data-since="{}">{}</time>',
        f"PT{int(length.total_seconds())}S",
        value.astimezone(UTC).isoformat(timespec="seconds"),
        wording.span(length),
    )


@register.filter
def minus(end: datetime | None, begin: datetime | None) -> timedelta | None:
    """The time between the two; None where one of them is unknown."""
    return end - begin if end and begin else None
