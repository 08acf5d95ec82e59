"""Typed causes that stop a step: whose they are, in words, and the condition that clears them.

A cause is found by a step; its condition is checked from its facts alone, by reading, before anything resumes. A new
cause is one function that makes it and one that checks it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from catalog.models import Organisation, Team
from onboarding.models import Move

SUMMARY_LENGTH = 240


@dataclass(frozen=True)
class Cause:
    """`object` is what the cause is about: together with `kind` it is the cause's identity."""

    kind: str
    object: str
    owner: Move
    summary: str
    explanation: str
    clears_when: str
    facts: dict[str, Any] = field(default_factory=dict)
    team: Team | None = None
    organisation: Organisation | None = None

    @property
    def fingerprint(self) -> str:
        return f"{self.kind}:{self.object}"[:300]


@dataclass(frozen=True)
class Check:
    """Whether the condition holds now, and the sentence that says so or what is still missing."""

    holds: bool
    says: str


Condition = Callable[[dict[str, Any]], Check]
_conditions: dict[str, Condition] = {}


def condition(kind: str) -> Callable[[Condition], Condition]:
    """Marks the function that checks the condition of a kind of cause."""

    def mark(function: Condition) -> Condition:
        _conditions[kind] = function
        return function

    return mark


def check(kind: str, facts: dict[str, Any]) -> Check:
    """Look whether the cause is gone. Reads only. Raises IntegrationError where it cannot be seen, KeyError unknown."""
    return _conditions[kind](facts)


def kinds() -> list[str]:
    return sorted(_conditions)


def ago(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} min" if minutes else f"{int(span.total_seconds())} s"
