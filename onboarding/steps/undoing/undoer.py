"""One effect, what became of it outside, and the promise of an undoer."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from catalog.models import Application, ApplicationQuerySet
from engine.models import Effect
from onboarding.models import EffectKind
from onboarding.steps.subject import Subject


class LeftoverState(StrEnum):
    EXISTS = "exists"
    """As the run left it: an undo removes it."""
    INCLUDED = "included"
    """It goes together with something else that an undo removes."""
    KEPT = "kept"
    """It exists, but is (or always was) used by others too."""
    GONE = "gone"
    UNKNOWN = "unknown"
    """The provider did not answer."""


@dataclass(frozen=True)
class Leftover:
    """`reason` in a few words: what undoing it amounts to, or why it stays."""

    effect: Effect
    state: LeftoverState
    reason: str = ""


def remaining_applications(subject: Subject) -> ApplicationQuerySet:
    """The applications in the team's namespace that remain without this run; while it is active, its own wait there too."""
    held = Application.objects.held(subject.team, subject.target)
    return held.exclude(repository=subject.repository, onboarded_at=None)


class Undoer(Protocol):
    """Knows the effects of one capability for one onboarding. Everything raises IntegrationError."""

    @property
    def kinds(self) -> Collection[EffectKind]: ...

    def __init__(self, subject: Subject) -> None: ...

    def inspect(self, effect: Effect) -> Leftover:
        """Finds the effect by its name, as always: the answer to its creation may have been lost."""
        ...

    def undo(self, effect: Effect) -> None:
        """Harmless to repeat. Called directly after an inspection that found it EXISTS."""
        ...
