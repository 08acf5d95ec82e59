"""One effect, and how it stands outside."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from catalog.models import Application, ApplicationQuerySet
from onboarding.models import Effect
from onboarding.steps.journey import Journey


class Standing(StrEnum):
    THERE = "there"
    """As the run made it: an undo takes it back."""
    WITH = "with"
    """It goes with something else that an undo takes back."""
    STAYS = "stays"
    """It is there, but is no longer (or never was) the run's alone."""
    GONE = "gone"
    UNSEEN = "unseen"
    """The provider did not say."""


@dataclass(frozen=True)
class Leftover:
    """`says` in a few words: what taking it back comes to, or why it stays."""

    effect: Effect
    standing: Standing
    says: str = ""


def others(own: Journey) -> ApplicationQuerySet:
    """The applications in the team's room that remain without this run: while it is active its own wait there, too."""
    held = Application.objects.held(own.team, own.target)
    return held.exclude(repository=own.repository, onboarded_at=None)


class Hand(Protocol):
    """Knows the effects of one capability for one onboarding. Everything raises IntegrationError."""

    @property
    def kinds(self) -> Collection[str]: ...

    def __init__(self, own: Journey) -> None: ...

    def look(self, effect: Effect) -> Leftover:
        """Found by its name, as an effect always is: its answer may have been lost."""
        ...

    def take_back(self, effect: Effect) -> None:
        """Harmless to repeat. Called directly after a look that found it THERE."""
        ...
