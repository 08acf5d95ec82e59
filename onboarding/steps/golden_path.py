"""Every kind of run and its steps, in the order in which pages list them."""

from onboarding.engine.registry import StepKind, register
from onboarding.steps import (
    access,
    build,
    clear,
    configuration,
    delivery,
    deploy,
    merge,
    namespace,
    observe,
    pipeline,
    proof,
    pull_request,
    ready,
    release,
    tell,
    undo,
)

ONBOARDING = [
    StepKind("access", "Access to the repository", "source", (), access.perform),
    StepKind("namespace", "The team's namespace", "cluster", ("access",), namespace.perform),
    StepKind("pipeline", "Pipeline", "pipelines", ("access",), pipeline.perform),
    StepKind("delivery", "Delivery", "cluster", ("namespace",), delivery.perform),
    StepKind("metrics", "Metrics", "metrics", ("access",), ready.collect_metrics),
    StepKind("logs", "Logs", "logs", ("access",), ready.collect_logs),
    StepKind(
        "pull_request", "Pull request", "source", ("pipeline", "delivery", "metrics", "logs"), pull_request.perform
    ),
    StepKind("build", "Its build is green", "pipelines", ("pull_request",), build.perform),
    StepKind(configuration.NAME, "Configuration", "cluster", ("namespace",), configuration.perform),
    StepKind("merge", "Merge", "source", ("build", configuration.NAME), merge.perform),
    StepKind("release", "Build of the default branch", "pipelines", ("merge",), release.perform),
    StepKind("deploy", "Deployment by the pipeline", "cluster", ("release",), deploy.perform),
    StepKind("proof", "Proof", "cluster", ("deploy",), proof.perform),
]


UNDO = [
    StepKind("proposal", "The pull request", "source", (), undo.perform("source", "pull_request")),
    StepKind("room", "The namespace", "cluster", ("proposal",), undo.perform("cluster", "namespace", "configuration")),
    StepKind("lines", "The logs", "logs", ("proposal",), undo.perform("logs", "logs")),
    StepKind("hearing", "The webhook", "source", ("room", "lines"), undo.perform("source", "access")),
]
"""What an onboarding made, in reverse."""


def register_all() -> None:
    register("onboarding", ONBOARDING)
    register("undo", UNDO)
    register("blocker", [StepKind("clear", "Clear the cause", "issues", (), clear.perform, tireless=True)])
    register("message", [StepKind("tell", "Tell people", "chat", (), tell.perform, tireless=True)])
    register("observation", [StepKind("observe", "Watch", "pipelines", (), observe.perform, tireless=True)])


LANES = ["source", "pipelines", "cluster", "metrics", "logs", "issues", "chat", "events"]
"""Every queue that a worker may serve."""
