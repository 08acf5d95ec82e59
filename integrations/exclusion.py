"""Sections of steps that only one worker at a time executes.

A section is a queue of its own, as a provider has one: the first few wait in place, the others give their worker back, keep
their place and are called. A section ends automatically after some seconds, so that a worker that hangs holds nobody up for
longer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from database import prepared
from integrations import http, turns
from integrations.errors import Queued, Transient
from integrations.http import Waiter
from integrations.turns import Turn

PREFIX = "section:"
"""Of the names of these queues; pages and metrics show the queues of providers."""
SECONDS = 3 * http.TIMEOUT
"""How long a section may take: about three exchanges."""

_HOLD = prepared.load(__package__, "hold_turn")


@dataclass(frozen=True)
class Section:
    name: str
    """As people read it."""
    turn: Turn

    def hold(self) -> None:
        """Keep the section until the transaction around this call ends. Raises Transient where it has ended meanwhile."""
        parameters = {"provider": self.turn.provider, "place": self.turn.place, "until": self.turn.until}
        if not prepared.execute(_HOLD, parameters):
            raise Transient(self.name, "it took so long that another worker may have begun", ambiguous=False)


@contextmanager
def section(key: str, name: str, waiter: Waiter, after: Section | None = None) -> Iterator[Section]:
    """Nobody else is in the section of this key within the block. All exchanges of the block end before it may end.

    `name` is how messages call it. `after` is a section of this key that the same waiter has just left: it goes on before
    the others. Raises Queued where others are ahead.
    """
    previous = None if after is None else after.turn
    try:
        turn = turns.take(f"{PREFIX}{key}", waiter, 0.0, previous, _never_ends, SECONDS)
    except Queued as error:
        raise Queued(name, "other runs are ahead of this one", retry_after=error.retry_after or 0.0) from error
    try:
        with http.deadline(turn.deadline):
            yield Section(name, turn)
    finally:
        turns.leave(turn)


def _never_ends() -> None:
    """A provider's queue ends when the provider is paused; nothing pauses a section."""
