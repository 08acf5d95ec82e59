"""Append to the record of what happened."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from psycopg.types.json import Jsonb

from database import prepared

OURS = "onramp"
"""The source of our own events; `engine/sql/complete.sql` writes it too, in the statement that changes the state."""

OF_PEOPLE = ("onramp.membership.", "onramp.person.")
"""How the types begin of events by which people come, go and are renamed."""

OrganisationsOf = Callable[[str, set[str]], list[str]]
"""Slugs of the organisations that an act concerns, by its subject and the logins in it."""
_organisations_of: list[OrganisationsOf] = []

_APPEND = prepared.load(__package__, "append")


def append(source: str, events: Iterable[tuple[str, str, Mapping[str, Any]]], *, person: str = "") -> None:
    """(type, subject, facts) of each, in the caller's transaction: a state and its event are one commit."""
    rows = [{"type": type_[:80], "subject": subject[:200], "data": facts} for type_, subject, facts in events]
    if rows:
        prepared.execute(_APPEND, {"source": source, "person": person, "events": Jsonb(rows)})


def set_organisations(resolver: OrganisationsOf) -> None:
    """Registered at start-up: this room knows no organisation."""
    _organisations_of[:] = [resolver]


def record(type_: str, subject: str = "", *, person: str = "", **facts: Any) -> None:
    """One event of ours. What people do, and what happens to them, keeps the organisations that it concerns at this time."""
    if (person or type_.startswith(OF_PEOPLE)) and "organisations" not in facts and _organisations_of:
        concerned = _organisations_of[0](subject, {person, *_logins(type_, subject, facts)} - {""})
        facts |= {"organisations": concerned} if concerned else {}
    append(OURS, [(type_, subject, facts)], person=person)


def _logins(type_: str, subject: str, facts: Mapping[str, Any]) -> set[str]:
    """Those whom an event about people names."""
    if not type_.startswith(OF_PEOPLE):
        return set()
    named = {str(facts[name]) for name in ("login", "before", "former") if name in facts}
    return named | {subject.removeprefix("person:")}
