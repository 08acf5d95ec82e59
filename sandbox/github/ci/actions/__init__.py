"""Stand-ins for the actions that pipelines use. Each names itself in the log; an action without one fails the step."""

from collections.abc import Callable

from sandbox.github.ci.actions import checkout, docker, tools
from sandbox.github.ci.actions.inputs import Inputs
from sandbox.github.ci.steps import StepFailed, StepRun

Action = Callable[[StepRun, Inputs], None]

STAND_INS: dict[str, Action] = {
    "actions/checkout": checkout.checkout,
    "actions/setup-python": tools.setup_python,
    "actions/setup-node": tools.setup_node,
    "actions/setup-go": tools.setup_go,
    "actions/setup-java": tools.setup_java,
    "azure/setup-kubectl": tools.setup_kubectl,
    "docker/setup-buildx-action": docker.setup_buildx,
    "docker/login-action": docker.login,
    "docker/build-push-action": docker.build_push,
}


def run(step: StepRun) -> None:
    """Run the stand-in of the step's action. Raises StepFailed."""
    uses = step.step.uses
    name, _, ref = uses.partition("@")
    action = STAND_INS.get(name.lower())
    if action is None:
        supported = ", ".join(sorted(STAND_INS))
        raise StepFailed(f"The sandbox has no stand-in for the action {uses}; it has one for {supported}.")
    inputs = Inputs.of(step)
    step.log.line(f"##[group]Run {uses}")
    if inputs.values:
        step.log.line("with:")
        for key, value in inputs.values.items():
            step.log.line(f"  {key}: {value}")
    step.log.line("##[endgroup]")
    step.log.line(f"stand-in for {name}@{ref[:12]}")
    action(step, inputs)
