"""What is handed to the engine at start-up: the kinds of steps, the bell, and who wants to know of changes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from onboarding.models import Run, Step

if TYPE_CHECKING:
    from onboarding.engine.outcomes import Outcome
    from onboarding.engine.work import Work

Bell = Callable[[str, int], None]
Change = Callable[[Run, Step | None], None]


@dataclass(frozen=True)
class StepKind:
    """A named part of a run: what it needs first, whose queue carries it, and its code."""

    name: str
    title: str
    queue: str
    needs: tuple[str, ...]
    perform: "Callable[[Work], Outcome]"
    tireless: bool = False
    """Nobody looks at such a step, so it never stays failed: whatever went wrong is recorded and tried again."""


_kinds: dict[tuple[str, str], StepKind] = {}
_listeners: dict[str, list[Change]] = {}
_bell: list[Bell] = []


def register(run_kind: str, kinds: Iterable[StepKind]) -> None:
    """The steps of a kind of run, in the order in which pages list them."""
    for kind in kinds:
        _kinds[run_kind, kind.name] = kind


def kinds(run_kind: str) -> list[StepKind]:
    return [kind for (of, _), kind in _kinds.items() if of == run_kind]


def known(run_kind: str, name: str) -> bool:
    return (run_kind, name) in _kinds


def kind(run_kind: str, name: str) -> StepKind:
    """Raises KeyError for a step that this code does not know (any more)."""
    return _kinds[run_kind, name]


def on_change(run_kind: str, listener: Change) -> None:
    """`listener` is called in the transaction of each change that people would notice: of a step, or the end of a run (None)."""
    _listeners.setdefault(run_kind, []).append(listener)


def listened_to(run_kind: str) -> bool:
    return run_kind in _listeners


def changed(run: Run, step: Step | None) -> None:
    for listener in _listeners.get(run.kind, []):
        listener(run, step)


def hang(bell: Bell) -> None:
    """The bell wakes a worker for (queue, step). Losing a ring costs one sweep interval, never a step."""
    _bell[:] = [bell]


def ring(queue: str, step_id: int) -> None:
    for bell in _bell:
        bell(queue, step_id)
