"""The gate that every exchange passes: it lets a request through, holds it back for a moment, or refuses it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, Protocol

from integrations.http.calls import Call


class Waiter(Protocol):
    """Who waits for a turn and comes back for it: a step."""

    @property
    def pk(self) -> Any:
        """A number that nobody else has."""
        ...

    @property
    def share(self) -> str:
        """The team that the turn counts for."""
        ...


class Gate(Protocol):
    """Shared by all processes. `integrations.throttle` implements it and is set at start-up."""

    def turn(self, provider: str, waiter: Waiter) -> AbstractContextManager[None]:
        """See `turn`."""
        ...

    def enter(self, provider: str, *, changes: bool) -> None:
        """May wait a moment for this request's turn. Raises Transient (not ambiguous) while the provider is paused."""
        ...

    def leave(self, provider: str, call: Call) -> None:
        """Called for every exchange that was let in, also where nothing was sent after all."""
        ...


_gate: list[Gate] = []


def set_gate(gate: Gate | None) -> None:
    """Use this gate from now on, or none."""
    _gate[:] = [] if gate is None else [gate]


@contextmanager
def turn(provider: str, waiter: Waiter) -> Iterator[None]:
    """All changes that this thread makes at `provider` within the block, in one turn of the provider's queue.

    Waits for the turn in place if it is near; else raises Queued, and the waiter keeps its place and is called. Raises
    Transient while the provider is paused. All exchanges of the block end before a turn may end.
    """
    with ExitStack() as stack:
        for gate in _gate:
            stack.enter_context(gate.turn(provider, waiter))
        yield


def enter(provider: str, *, changes: bool) -> None:
    for gate in _gate:
        gate.enter(provider, changes=changes)


def leave(provider: str, call: Call) -> None:
    for gate in _gate:
        gate.leave(provider, call)
