"""The undo of a run, as the run's page shows it."""

from dataclasses import dataclass

from engine.models import RunState, Step, StepState
from onboarding.models import Onboarding, Undo
from onboarding.pages import wording
from onboarding.pages.headline import title
from onboarding.pages.wording import Reader, Status


@dataclass(frozen=True)
class UndoStep:
    """`kept`: (why it stays, [(kind, name)]), grouped by reason."""

    title: str
    status: Status
    reason: str
    detail: str
    kept: list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True)
class UndoView:
    undo: Undo
    steps: list[UndoStep]
    failed: bool
    """A step of it failed: people decide whether to retry."""

    @property
    def active(self) -> bool:
        return self.undo.run.state == RunState.ACTIVE

    @property
    def heading(self) -> str:
        if self.failed and self.active:
            return "Part of the undo failed"
        if self.active:
            return "Undo in progress"
        return "Undone" if self.undo.run.state == RunState.DONE else "Undo stopped"


def of(onboarding: Onboarding, reader: Reader) -> UndoView | None:
    """The newest undo of this run, if there is one."""
    undo = onboarding.undos.select_related("run", "person").order_by("-run__created_at").first()
    if undo is None:
        return None
    steps = list(undo.run.steps.all())
    failed = any(step.state == StepState.FAILED for step in steps)
    return UndoView(undo, [_step(undo, step, reader) for step in steps], failed)


def _step(undo: Undo, step: Step, reader: Reader) -> UndoStep:
    kept: dict[str, list[tuple[str, str]]] = {}
    for kind, name, reason in step.result.get("kept", []):
        kept.setdefault(str(reason), []).append((str(kind), str(name)))
    status = wording.status(step, reader, held_up=False)
    return UndoStep(title(undo.run, step), status, wording.sentence(step.reason), step.detail, list(kept.items()))
