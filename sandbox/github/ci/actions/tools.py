"""azure/setup-kubectl."""

from sandbox.github.ci import programs
from sandbox.github.ci.actions.inputs import Inputs
from sandbox.github.ci.steps import StepRun


def setup_kubectl(step: StepRun, inputs: Inputs) -> None:
    path = programs.folder() / "kubectl"
    step.log.line(f"kubectl here is the sandbox's own: it applies and waits by real HTTP ({path.name})")
    step.outputs["kubectl-path"] = str(path)
