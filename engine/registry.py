"""What is registered with the engine at start-up: kinds of steps, the notifier, and listeners to changes."""

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engine.context import Work
from engine.models import Move, Run, Step
from engine.outcomes import Done, Ending, Outcome, Paused

Notifier = Callable[[str, int], None]
Listener = Callable[[Run, Step | None], None]


@dataclass(frozen=True)
class StepKind:
    """A named part of a run: what it needs first, whose queue it is in, and its code."""

    name: str
    title: str
    queue: str
    needs: tuple[str, ...]
    perform: Callable[[Work], Outcome]
    never_fails: bool = False
    """Nobody looks at such a step, so it never stays failed: whatever went wrong is recorded and tried again."""


_kinds: dict[tuple[str, str], StepKind] = {}
_listeners: dict[str, list[Listener]] = {}
_turn_listeners: dict[str, list[Listener]] = {}
_notifier: list[Notifier] = []


def register(run_kind: str, kinds: Iterable[StepKind]) -> None:
    """The steps of a kind of run, in the order in which pages list them."""
    for kind in kinds:
        _kinds[run_kind, kind.name] = kind
    names.cache_clear()
    known_names.cache_clear()


def kinds(run_kind: str) -> list[StepKind]:
    return [kind for (registered_for, _), kind in _kinds.items() if registered_for == run_kind]


def known(run_kind: str, name: str) -> bool:
    return (run_kind, name) in _kinds


@functools.cache
def names(run_kind: str) -> str:
    """The names of the steps of this kind of run that this version knows, as a PostgreSQL array."""
    return _array(name for registered_for, name in _kinds if registered_for == run_kind)


@functools.cache
def known_names() -> Mapping[str, str]:
    """The `names` of all steps, and all `known` steps as kind/name, as PostgreSQL arrays."""
    return MappingProxyType(
        {
            "names": _array(name for _, name in _kinds),
            "known": _array(f"{run_kind}/{name}" for run_kind, name in _kinds),
        }
    )


def _array(names: Iterable[str]) -> str:
    return "{" + ",".join(f'"{name}"' for name in names) + "}"


def kind(run_kind: str, name: str) -> StepKind:
    """Raises KeyError for a step that this version of the code does not know."""
    return _kinds[run_kind, name]


def on_change(run_kind: str, listener: Listener) -> None:
    """`listener` is called in the transaction of each change that people would notice: of a step, or the end of a run (with
    None for the step)."""
    _listeners.setdefault(run_kind, []).append(listener)


def on_turn(run_kind: str, listener: Listener) -> None:
    """`listener` is called when a step becomes a person's move and when a run ends, in the transaction of the change. Most steps
    need nobody, so they complete without a transaction."""
    _turn_listeners.setdefault(run_kind, []).append(listener)


def listens(run_kind: str, ending: Ending) -> bool:
    """Whether somebody listens to the change of a step that ends like this."""
    return run_kind in _listeners or (run_kind in _turn_listeners and not isinstance(ending, Done | Paused))


def listens_to_end(run_kind: str) -> bool:
    return run_kind in _listeners or run_kind in _turn_listeners


def changed(run: Run, step: Step | None) -> None:
    """Call the listeners. In the transaction of the change."""
    for listener in _listeners.get(run.kind, []):
        listener(run, step)
    if step is None or step.move != Move.MACHINE:
        for listener in _turn_listeners.get(run.kind, []):
            listener(run, step)


def set_notifier(notifier: Notifier) -> None:
    """The notifier tells a worker of (queue, step). Losing a notification costs one sweep interval, never a step."""
    _notifier[:] = [notifier]


def notify(queue: str, step_id: int) -> None:
    for notifier in _notifier:
        notifier(queue, step_id)
