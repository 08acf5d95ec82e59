"""Every kind of run and its steps, in the order in which pages list them."""

from collections.abc import Sequence

from engine.registry import StepKind, register
from events import intake
from onboarding.models import RunKind
from onboarding.plans.content import Content
from onboarding.steps import (
    access,
    blocker,
    build,
    configuration,
    delivery,
    deploy,
    merge,
    namespace,
    notify,
    observability,
    pipeline,
    pull_request,
    release,
    undo,
    verification,
    watch,
)

ONBOARDING = [
    access.STEP,
    namespace.STEP,
    pipeline.STEP,
    delivery.STEP,
    observability.METRICS,
    observability.LOGS,
    pull_request.STEP,
    build.STEP,
    configuration.STEP,
    merge.STEP,
    release.STEP,
    deploy.STEP,
    verification.STEP,
]

RUNS: dict[RunKind, Sequence[StepKind]] = {
    RunKind.ONBOARDING: ONBOARDING,
    RunKind.UNDO: undo.STEPS,
    RunKind.BLOCKER: [blocker.STEP],
    RunKind.MESSAGE: [notify.STEP],
    RunKind.WATCH: [watch.STEP],
}

QUEUES = ["source", "pipelines", "cluster", "metrics", "logs", "issues", "chat", intake.QUEUE]
"""Every queue that a worker may serve."""


def register_all() -> None:
    for kind, steps in RUNS.items():
        register(kind, steps)


def steps_of(content: Content) -> list[str]:
    """The names of the steps that a run of this plan has."""
    return [step.name for step in ONBOARDING if step.only_if(content)]
