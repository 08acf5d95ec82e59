"""The undo of a run, as the run's page shows it."""

from dataclasses import dataclass

from onboarding.models import Onboarding, RunState, Step, StepState, Undo
from onboarding.reading import words
from onboarding.reading.headline import title
from onboarding.reading.words import Reader, Status


@dataclass(frozen=True)
class UndoStep:
    """`left`: (why it stays, [(kind, name)]), like things together."""

    title: str
    status: Status
    reason: str
    detail: str
    left: list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True)
class UndoView:
    undo: Undo
    steps: list[UndoStep]
    failed: bool
    """Something of it failed: people decide whether to try again."""

    @property
    def active(self) -> bool:
        return self.undo.run.state == RunState.ACTIVE

    @property
    def heading(self) -> str:
        if self.failed and self.active:
            return "Something of the undo did not go well"
        if self.active:
            return "Being undone"
        return "Undone" if self.undo.run.state == RunState.DONE else "The undo was stopped"


def of(onboarding: Onboarding, reader: Reader) -> UndoView | None:
    """The newest undo of this run, if there is one."""
    undo = onboarding.undos.select_related("run", "person").order_by("-run__created_at").first()
    if undo is None:
        return None
    steps = list(undo.run.steps.all())
    return UndoView(
        undo, [_step(undo, one, reader) for one in steps], any(one.state == StepState.FAILED for one in steps)
    )


def _step(undo: Undo, step: Step, reader: Reader) -> UndoStep:
    left: dict[str, list[tuple[str, str]]] = {}
    for kind, name, why in step.result.get("left", []):
        left.setdefault(str(why), []).append((str(kind), str(name)))
    status = words.status(step, reader, held_up=False)
    return UndoStep(title(undo.run, step), status, words.sentence(step.reason), step.detail, list(left.items()))
