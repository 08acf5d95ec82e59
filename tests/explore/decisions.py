"""What a schedule consists of: how it is set up, and who does what next. Both are text, so that a schedule can be stored."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True)
class Setup:
    """What is under way. `graph` names a run of `graphs.GRAPHS`."""

    graph: str
    runs: int = 1
    effects: int = 1
    """Of each step."""
    find_first: bool = True
    lag: int = 0
    """Seconds after which the other side finds an object that exists."""
    queues: int = 1
    listeners: bool = False
    """Whether somebody listens to changes, which lets the engine complete a step in a transaction, not in one statement."""

    def __str__(self) -> str:
        return " ".join(f"{field.name}={getattr(self, field.name)}" for field in fields(self))

    @classmethod
    def parse(cls, text: str) -> Self:
        values = dict(word.split("=", 1) for word in text.split())
        runs, effects, lag, queues = (int(values[name]) for name in ("runs", "effects", "lag", "queues"))
        find_first, listeners = (values[name] == "True" for name in ("find_first", "listeners"))
        return cls(values["graph"], runs, effects, find_first, lag, queues, listeners)


@dataclass(frozen=True)
class Decision:
    """`actor` is a worker W1 …, a person P1 …, the time T or the outside @. See `schedule.Schedule.apply` for the verbs."""

    actor: str
    verb: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} {self.detail}".rstrip()

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(*text.split(" ", 2))


@dataclass(frozen=True)
class Script:
    """A whole schedule."""

    setup: Setup
    decisions: tuple[Decision, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, (self.setup, *self.decisions))) + "\n"

    @classmethod
    def parse(cls, lines: Iterable[str]) -> Self:
        """Empty lines and those that begin with # say nothing. Raises ValueError for anything else."""
        first, *others = [line.strip() for line in lines if line.strip() and not line.startswith("#")] or [""]
        try:
            return cls(Setup.parse(first), tuple(map(Decision.parse, others)))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"This is no schedule as the explorer writes them: {error}. Its first line is {first!r}."
            ) from error
