"""How a turn of a step ends. A step returns one of the outcomes or raises one of the errors."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from onboarding.models import Blocker, Move, Step

Links = list[tuple[str, str]]


@dataclass(frozen=True)
class Done:
    """Finished, with what later steps read and what people can follow."""

    says: str
    result: dict[str, Any] = field(default_factory=dict)
    links: Links = field(default_factory=list)


@dataclass(frozen=True)
class Wait:
    """Not yet: look again in `seconds`, or as soon as the run's topic is heard of."""

    says: str
    seconds: float
    move: Move = Move.MACHINE
    links: Links = field(default_factory=list)
    result: dict[str, Any] | None = None


@dataclass(frozen=True)
class Blocked:
    """A typed cause stands in the way. `join` finds or opens its blocker, in the transaction that stops the step."""

    says: str
    move: Move
    join: Callable[[Step], Blocker]
    detail: str = ""


@dataclass(frozen=True)
class Refused:
    """Somebody decided that this will not be done; the run ends with their reason."""

    says: str
    links: Links = field(default_factory=list)


Outcome = Done | Wait | Blocked | Refused


@dataclass(frozen=True)
class Paused:
    """A try that a transient error ended: the next one is in `seconds`. `tried` is what this one said."""

    says: str
    seconds: float
    failures: int
    tried: str
    detail: str = ""


@dataclass(frozen=True)
class Failed:
    """A try that ended in an error which only a person can mend."""

    says: str
    detail: str = ""


Ending = Outcome | Paused | Failed
"""How the engine settles a turn: what the step returned, or what it makes of the error that the step raised."""


class Retry(Exception):
    """It may go well later by itself. `after` is in seconds where the other side said so.

    `endless`: the step itself decides how long is too long, so the engine does not give up.
    """

    def __init__(self, says: str, *, after: float | None = None, detail: str = "", endless: bool = False) -> None:
        super().__init__(says)
        self.says = says
        self.after = after
        self.detail = detail
        self.endless = endless


class Failure(Exception):
    """It will not go well without a person: what failed, and the raw words."""

    def __init__(self, says: str, *, detail: str = "") -> None:
        super().__init__(says)
        self.says = says
        self.detail = detail


class Ambiguous(Exception):
    """A call may or may not have had its effect: the answer was lost."""


class NotDone(Exception):
    """A call clearly had no effect: the other side said no. `error` is what it said, for whoever asked for the effect."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Unsettled(Exception):
    """An effect may exist without being found yet; it is looked for again in `seconds`."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(name)
        self.name = name
        self.seconds = seconds


class Lost(Exception):
    """Somebody else holds the step now: drop everything."""
