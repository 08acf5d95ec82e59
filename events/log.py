"""Append to the record of what happened."""

from typing import Any

from events.models import Event

OURS = "onramp"


def record(type_: str, subject: str = "", *, source: str = OURS, person: str = "", **data: Any) -> Event:
    """One event, in the transaction of the caller: a state and its event are one commit."""
    return Event.objects.create(type=type_, subject=subject[:200], source=source, person=person, data=data)
