"""When an onboarding ends: its repository is free for another, and rooms that nobody will use are given back. An undo the same."""

from django.utils import timezone

from catalog.models import Application
from onboarding.engine import progress
from onboarding.models import Onboarding, Run, RunState, Step, Undo


def on_change(run: Run, step: Step | None) -> None:
    if run.state == RunState.ACTIVE:
        return
    Onboarding.objects.filter(pk=run.pk).update(active=False)
    if run.state != RunState.DONE:
        never_ran = Application.objects.held_by(run.onboarding.repository).filter(onboarded_at=None)
        never_ran.update(removed_at=timezone.now())


def on_undo(run: Run, step: Step | None) -> None:
    """The page of the onboarding shows it."""
    if run.state != RunState.ACTIVE:
        Undo.objects.filter(pk=run.pk).update(active=False)
    progress.touch(run.undo.onboarding.run)
