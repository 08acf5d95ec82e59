"""From the moment an onboarding is done, its repository is watched."""

from onboarding.engine import progress
from onboarding.models import Observation, Run, RunState, Step

RUN_KIND = "observation"


def on_change(run: Run, step: Step | None) -> None:
    if run.state == RunState.DONE:
        watch(run)


def watch(run: Run) -> None:
    """Start the watch over the repository of this onboarding, unless there is one that still lives."""
    repository = run.onboarding.repository
    existing = Observation.objects.filter(repository=repository).select_related("run").first()
    if existing is not None:
        if existing.run.state == RunState.ACTIVE:
            return
        existing.delete()
    begun = progress.start(RUN_KIND, topic=repository.topic)
    Observation.objects.create(run=begun, repository=repository)
