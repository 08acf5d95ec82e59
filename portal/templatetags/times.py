"""Moments in the reader's own zone (a script rewrites them; without it they are said in UTC), and lengths of time."""

from datetime import UTC, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from onboarding.reading import words

register = template.Library()


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A point in time as a `time` element; with the day unless it is today."""
    if value is None:
        return ""
    here = value.astimezone(UTC)
    form = "%H:%M UTC" if here.date() == timezone.now().date() else "%d %b %Y, %H:%M UTC"
    return format_html(
        '<time datetime="{}" data-moment>{}</time>', here.isoformat(timespec="seconds"), here.strftime(form)
    )


@register.filter
def span(value: timedelta | None) -> str:
    """A length of time in two units at most."""
    return "" if value is None else words.span(value)


@register.filter
def since(value: datetime | None) -> SafeString | str:
    """How long ago, as of the moment the page was made; a script keeps it going."""
    if value is None:
        return ""
    length = max(timezone.now() - value, timedelta())
    return format_html(
        '<time datetime="{}" data-since="{}">{}</time>',
        f"PT{int(length.total_seconds())}S",
        value.astimezone(UTC).isoformat(timespec="seconds"),
        words.span(length),
    )


@register.filter
def minus(end: datetime | None, begin: datetime | None) -> timedelta | None:
    """The time between the two, where both are known."""
    return end - begin if end and begin else None
