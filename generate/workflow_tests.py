"""The jobs of a generated workflow that find the changed components and test them."""

import shlex
from collections.abc import Sequence

from generate.scripts import CHANGED
from generate.toolchains import TOOLCHAINS
from generate.workflow_job import RUNNER, Job, checkout
from stacks import Component


def changes(components: Sequence[Component]) -> Job:
    """Finds the components that a commit changes; the others are skipped."""
    return {
        "name": "Find what changed",
        "runs-on": RUNNER,
        "timeout-minutes": 5,
        "permissions": {"contents": "read"},
        "outputs": {each.name: "${{ steps.changed.outputs." + each.name + " }}" for each in components},
        "steps": [
            checkout(**{"fetch-depth": 0}),
            {
                "id": "changed",
                "name": "Compare with the commit before",
                "shell": "bash",
                "env": {
                    "BASE": "${{ github.event.pull_request.base.sha || github.event.before }}",
                    "COMPONENTS": "\n".join(f"{each.name}={each.root or '.'}" for each in components),
                },
                "run": CHANGED,
            },
        ],
    }


def test(component: Component, *, only_if_changed: bool) -> Job:
    job: Job = {
        "name": f"Test {component.name}",
        "runs-on": RUNNER,
        "timeout-minutes": 15,
        "permissions": {"contents": "read"},
    }
    if only_if_changed:
        job |= {"needs": "changes", "if": f"needs.changes.outputs.{component.name} == 'true'"}
    if component.folder:
        job["defaults"] = {"run": {"working-directory": component.folder}}
    toolchain = TOOLCHAINS.get(component.family)
    setup = toolchain.steps(component) if toolchain else []
    return job | {"steps": [checkout(), *setup, _test_step(component)]}


def _test_step(component: Component) -> dict[str, str]:
    if component.test:
        return {"name": "Test", "run": shlex.join(component.test)}
    return {"name": "No tests yet", "run": f"echo 'No tests found for {component.name}.'"}
