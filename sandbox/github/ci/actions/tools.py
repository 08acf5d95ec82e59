"""azure/setup-kubectl and actions/cache."""

from sandbox.github.ci import programs
from sandbox.github.ci.actions.inputs import Inputs
from sandbox.github.ci.steps import StepRun

KUBECTL_INPUTS = ("version", "token", "downloadbaseurl")
CACHE_INPUTS = (
    "path", "key", "restore-keys", "upload-chunk-size", "enablecrossosarchive", "fail-on-cache-miss", "lookup-only",
)  # fmt: skip


def setup_kubectl(step: StepRun, inputs: Inputs) -> None:
    path = programs.folder() / "kubectl"
    step.log.line(f"kubectl here is the sandbox's own: it applies, gets and waits by real HTTP ({path.name})")
    step.outputs["kubectl-path"] = str(path)


def cache(step: StepRun, inputs: Inputs) -> None:
    inputs.needed("path")
    step.log.line(f"Cache not found for input keys: {inputs.needed('key')} (the sandbox keeps no caches)")
    step.outputs["cache-hit"] = "false"
