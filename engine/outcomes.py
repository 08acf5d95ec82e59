"""How one execution of a step ends. A step returns one of the outcomes or raises one of the errors."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from engine.models import Move, Step

Links = list[tuple[str, str]]
"""(label, URL) pairs that people can follow."""


class Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass(frozen=True)
class Done:
    """Finished. `result` is what later steps read: a dataclass of JSON values."""

    message: str
    result: Dataclass | Mapping[str, Any] = field(default_factory=dict)
    links: Links = field(default_factory=list)


@dataclass(frozen=True)
class Wait:
    """Not yet: check again in `seconds`, or as soon as something happens to the run's topic."""

    message: str
    seconds: float
    move: Move = Move.MACHINE
    links: Links = field(default_factory=list)
    result: dict[str, Any] | None = None


@dataclass(frozen=True)
class BlockedBy:
    """The run that watches over a blocker, and what people can follow there. `move` and `message` replace those of the step,
    where the blocker knows more."""

    run_id: uuid.UUID
    links: Links = field(default_factory=list)
    move: Move | None = None
    message: str = ""


@dataclass(frozen=True)
class Blocked:
    """A typed cause stops the step. `join` finds or starts the run that watches over it, in the transaction that stops the
    step."""

    message: str
    move: Move
    join: Callable[[Step], BlockedBy]
    detail: str = ""


@dataclass(frozen=True)
class Declined:
    """Somebody decided that this will not be done; the run ends with their reason."""

    message: str
    links: Links = field(default_factory=list)


Outcome = Done | Wait | Blocked | Declined


@dataclass(frozen=True)
class Paused:
    """An attempt that a transient error ended: the next one is in `seconds`. `attempt_message` is what this one ended with."""

    message: str
    seconds: float
    failures: int
    attempt_message: str
    detail: str = ""
    crashes: int = 0
    """How many of its workers died in a row, where that is why it pauses."""


@dataclass(frozen=True)
class Failed:
    """An attempt that ended in an error which only a person can fix."""

    message: str
    detail: str = ""


Ending = Outcome | Paused | Failed
"""How the engine completes an execution: what the step returned, or what it makes of the error that the step raised."""


class Retry(Exception):
    """It may succeed later without anybody's help. `after` is in seconds where the other side named a time.

    `endless`: the step itself decides how long is too long, so the engine does not give up.
    """

    def __init__(self, message: str, *, after: float | None = None, detail: str = "", endless: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.after = after
        self.detail = detail
        self.endless = endless


class Failure(Exception):
    """It will not succeed without a person. `detail` is the raw output behind the message."""

    def __init__(self, message: str, *, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class Ambiguous(Exception):
    """It is unknown whether a call had its effect: the answer was lost."""


class NotDone(Exception):
    """A call clearly had no effect: the other side said no. `error` is its answer, raised again for the step."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class NotYetVisible(Exception):
    """An effect may exist without being visible yet; it is looked for again in `seconds`."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(name)
        self.name = name
        self.seconds = seconds


class Lost(Exception):
    """Another worker holds the step now: stop at once and write nothing."""
