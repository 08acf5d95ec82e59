"""Append to the record of what happened."""

from collections.abc import Iterable, Mapping
from typing import Any

from psycopg.types.json import Jsonb

from database import prepared

OURS = "onramp"
"""The source of our own events; `engine/sql/complete.sql` writes it too, in the statement that changes the state."""

_APPEND = prepared.load(__package__, "append")


def append(source: str, events: Iterable[tuple[str, str, Mapping[str, Any]]], *, person: str = "") -> None:
    """(type, subject, facts) of each, in the caller's transaction: a state and its event are one commit."""
    rows = [{"type": type_[:80], "subject": subject[:200], "data": facts} for type_, subject, facts in events]
    if rows:
        prepared.execute(_APPEND, {"source": source, "person": person, "events": Jsonb(rows)})


def record(type_: str, subject: str = "", *, person: str = "", **facts: Any) -> None:
    """One event of ours."""
    append(OURS, [(type_, subject, facts)], person=person)
