"""Stand-ins for the actions that pipelines use; each names itself in the log. An action without one fails the step."""

from collections.abc import Callable

from sandbox.github.ci.actions import checkout, docker, languages, tools
from sandbox.github.ci.actions.inputs import Inputs
from sandbox.github.ci.steps import StepFailed, StepRun

Action = Callable[[StepRun, Inputs], None]

STAND_INS: dict[str, tuple[Action, tuple[str, ...]]] = {
    "actions/checkout": (checkout.checkout, checkout.INPUTS),
    "actions/setup-python": (languages.setup_python, languages.PYTHON_INPUTS),
    "actions/setup-node": (languages.setup_node, languages.NODE_INPUTS),
    "actions/cache": (tools.cache, tools.CACHE_INPUTS),
    "azure/setup-kubectl": (tools.setup_kubectl, tools.KUBECTL_INPUTS),
    "docker/setup-buildx-action": (docker.setup_buildx, docker.BUILDX_INPUTS),
    "docker/login-action": (docker.login, docker.LOGIN_INPUTS),
    "docker/build-push-action": (docker.build_push, docker.BUILD_INPUTS),
}


def run(step: StepRun) -> None:
    """Run the stand-in of the step's action. Raises StepFailed."""
    uses = step.step.uses
    name, _, ref = uses.partition("@")
    known = STAND_INS.get(name.lower())
    if known is None:
        raise StepFailed(f"The sandbox has no stand-in for the action {uses}; it knows {', '.join(sorted(STAND_INS))}.")
    action, names = known
    inputs = Inputs.of(step, names)
    step.log.line(f"##[group]Run {uses}")
    if inputs.given:
        step.log.line("with:")
        for key, value in inputs.given.items():
            step.log.line(f"  {key}: {value}")
    step.log.line("##[endgroup]")
    for unknown in inputs.unknown:
        step.log.line(f"##[warning]Unexpected input(s) '{unknown}', valid inputs are {list(names)}")
    step.log.line(f"stand-in for {name}@{ref[:12]}")
    action(step, inputs)
