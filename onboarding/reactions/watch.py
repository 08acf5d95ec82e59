"""From the moment an onboarding is done, its repository is watched."""

from engine import runs
from engine.models import Run, RunState, Step
from onboarding.models import RunKind, Watch


def on_change(run: Run, step: Step | None) -> None:
    if run.state == RunState.DONE:
        start(run)


def start(run: Run) -> None:
    """Watch over the repository of this onboarding, unless an active watch exists."""
    repository = run.onboarding.repository
    existing = Watch.objects.filter(repository=repository).select_related("run").first()
    if existing is not None:
        if existing.run.state == RunState.ACTIVE:
            return
        existing.delete()
    watch_run = runs.start(RunKind.WATCH, topic=repository.topic)
    Watch.objects.create(run=watch_run, repository=repository)
