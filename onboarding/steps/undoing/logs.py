"""In the log store: how long the namespace's lines are kept."""

from engine.models import Effect
from integrations.logs import logs
from onboarding.models import EffectKind
from onboarding.steps.subject import Subject
from onboarding.steps.undoing.undoer import Leftover, LeftoverState, remaining_applications


class LogsUndoer:
    kinds = (EffectKind.LOG_RETENTION,)

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def inspect(self, effect: Effect) -> Leftover:
        if not logs().retained(effect.name):
            return Leftover(effect, LeftoverState.GONE, "already removed")
        if remaining_applications(self.subject).exists():
            return Leftover(effect, LeftoverState.KEPT, "the team’s applications log there")
        if not effect.reference.get("created"):
            return Leftover(effect, LeftoverState.KEPT, "it was set before this run")
        return Leftover(effect, LeftoverState.EXISTS, "will be removed; existing log lines stay")

    def undo(self, effect: Effect) -> None:
        logs().delete_retention(effect.name)
