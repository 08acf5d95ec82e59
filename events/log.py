"""Append to the record of what happened."""

from typing import Any

from events.models import Event

OURS = "onramp"

APPENDED = (
    "INSERT INTO events_event (uid, type, source, subject, data, person) "
    f"SELECT gen_random_uuid(), %({{event}})s, '{OURS}', %({{subject}})s, %({{facts}})s, ''"
)
"""The same as `record`, as a part of a statement that changes the state: to be formatted with the names of the parameters,
and followed by where it selects from."""


def record(type_: str, subject: str = "", *, source: str = OURS, person: str = "", **data: Any) -> Event:
    """One event, in the transaction of the caller: a state and its event are one commit."""
    return Event.objects.create(type=type_, subject=subject[:200], source=source, person=person, data=data)
