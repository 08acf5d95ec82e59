"""Append to the record of what happened."""

from collections.abc import Iterable, Mapping
from typing import Any

from psycopg.types.json import Jsonb

from events import prepared

OURS = "onramp"

APPENDED = (
    "INSERT INTO events_event (uid, type, source, subject, data, person) "
    f"SELECT gen_random_uuid(), %({{event}})s, '{OURS}', %({{subject}})s, %({{facts}})s, ''"
)
"""The same as `record`, as a part of a statement that changes the state: to be formatted with the names of the parameters,
and followed by where it selects from."""


_APPEND = """
INSERT INTO events_event (uid, type, source, subject, data, person)
SELECT gen_random_uuid(), type, %(source)s, subject, data, %(person)s
FROM jsonb_to_recordset(%(events)s) AS one (type text, subject text, data jsonb)
"""


def append(source: str, events: Iterable[tuple[str, str, Mapping[str, Any]]], *, person: str = "") -> None:
    """(type, subject, facts) of each, in the transaction of the caller: a state and its event are one commit."""
    rows = [{"type": type_[:80], "subject": subject[:200], "data": facts} for type_, subject, facts in events]
    if rows:
        prepared.rows(_APPEND, {"source": source, "person": person, "events": Jsonb(rows)})


def record(type_: str, subject: str = "", *, person: str = "", **facts: Any) -> None:
    """One event of ours."""
    append(OURS, [(type_, subject, facts)], person=person)
