"""When an onboarding or an undo ends: its repository is free for the next one, and unused reservations are released."""

from django.db.models import F
from django.utils import timezone

from catalog.models import Application
from engine import runs
from engine.models import Run, RunState, Step
from onboarding.models import Onboarding, Undo


def on_onboarding_change(run: Run, step: Step | None) -> None:
    if run.state == RunState.ACTIVE:
        return
    Onboarding.objects.filter(pk=run.pk).update(active=False)
    if run.state != RunState.DONE:
        held = Application.objects.held_by(run.onboarding.repository)
        held.filter(onboarded_at=None).update(removed_at=timezone.now())
        held.update(requested=F("demand"))


def on_undo_change(run: Run, step: Step | None) -> None:
    """The page of the onboarding shows its undo."""
    if run.state != RunState.ACTIVE:
        Undo.objects.filter(pk=run.pk).update(active=False)
    runs.touch(run.undo.onboarding.run)
