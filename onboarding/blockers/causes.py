"""Typed causes that stop a step: who owns them, in words, and the condition that clears them.

A step finds a cause; its condition is checked by reading, from nothing but its facts, before anything resumes. A new cause is one
function that checks it, one `CauseKind` and one function that builds it, side by side.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from catalog.models import Organisation, Team
from engine.models import Move
from engine.outcomes import Links

Facts = dict[str, Any]
"""What a condition is checked with: JSON values."""


@dataclass(frozen=True)
class Check:
    """Whether the condition holds now, and a sentence that says so or names what is still missing."""

    holds: bool
    message: str


@dataclass(frozen=True)
class CauseKind:
    """`title` names it in lists, without its object. `check` only reads; it raises IntegrationError where it cannot tell."""

    name: str
    title: str
    check: Callable[[Facts], Check]


@dataclass(frozen=True)
class Cause:
    """`object` is what the cause is about: together with `kind` it is the cause's identity. `links` are what people open to
    work on it where there is no ticket."""

    kind: CauseKind
    object: str
    owner: Move
    summary: str
    explanation: str
    clears_when: str
    facts: Facts = field(default_factory=dict)
    team: Team | None = None
    organisation: Organisation | None = None
    links: Links = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        return f"{self.kind.name}:{self.object}"[:300]


_kinds: dict[str, CauseKind] = {}


def register(name: str, *, title: str, check: Callable[[Facts], Check]) -> CauseKind:
    """A new kind of cause."""
    _kinds[name] = CauseKind(name, title, check)
    return _kinds[name]


def check(kind: str, facts: Facts) -> Check:
    """Check whether the cause is gone. Only reads. Raises IntegrationError where it cannot tell, KeyError for an unknown
    kind."""
    return _kinds[kind].check(facts)


def title(kind: str) -> str:
    """The title of a kind; a kind that this version does not know is shown by its name."""
    if kind in _kinds:
        return _kinds[kind].title
    return kind.replace("-", " ").capitalize()


def kinds() -> list[str]:
    return sorted(_kinds)
