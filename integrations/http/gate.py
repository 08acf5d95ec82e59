"""The gate that every exchange passes: it lets a request through, holds it back for a moment, or refuses it."""

from typing import Protocol

from integrations.http.calls import Call


class Gate(Protocol):
    """Shared by all processes. `integrations.throttle` implements it and is set at start-up."""

    def enter(self, provider: str, *, changes: bool) -> None:
        """May wait a moment for this request's turn. Raises Transient (not ambiguous) while the provider is paused."""
        ...

    def leave(self, provider: str, call: Call) -> None: ...


_gate: list[Gate] = []


def set_gate(gate: Gate | None) -> None:
    """Use this gate from now on, or none."""
    _gate[:] = [] if gate is None else [gate]


def enter(provider: str, *, changes: bool) -> None:
    for gate in _gate:
        gate.enter(provider, changes=changes)


def leave(provider: str, call: Call) -> None:
    for gate in _gate:
        gate.leave(provider, call)
