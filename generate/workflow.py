"""The pipeline as a GitHub Actions workflow: tests before images before deployment. Each job has the least permissions.

https://docs.github.com/en/actions/reference/workflow-syntax-for-github-actions
"""

from collections.abc import Sequence

import patterns
from generate import workflow_deployment, workflow_image, workflow_tests
from generate.files import File, Placement
from generate.pinned_actions import CHECKOUT
from generate.workflow_job import Job
from generate.yaml_text import dump
from stacks import Component
from stacks.choosing import WORKFLOW

_SPECIAL = patterns.repeated(r"([\\*?+\[\]!])")

HEADER = """\
# Tests, builds and deploys this repository. Proposed by Onramp; change it as you like.
# Pull requests are tested and built. Commits on the default branch are also deployed to the team's namespace.
"""


def workflow(components: Sequence[Component], placement: Placement) -> File:
    """One workflow for all components of the repository."""
    branch = _SPECIAL.sub(r"\\\1", placement.default_branch)
    document = {
        "name": "onramp",
        "on": {"push": {"branches": [branch]}, "pull_request": {"branches": [branch]}},
        "permissions": {},
        # A waiting run is replaced by the next one in its group. Pushes must not share a group: each run compares its
        # commit only with the one before.
        "concurrency": {
            "group": "onramp-${{ github.event_name == 'pull_request' && github.ref || github.sha }}",
            "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
        },
        "jobs": _jobs(components, placement),
    }
    text = dump(document).replace("\n'on':\n", "\non:\n", 1)  # the dumper quotes it, because YAML 1.1 reads it as true
    return File(WORKFLOW, HEADER + text, "tests, builds and deploys every commit")


def _jobs(components: Sequence[Component], placement: Placement) -> dict[str, Job]:
    several = len(components) > 1
    document: dict[str, Job] = {"changes": workflow_tests.changes(components)} if several else {}
    for component in components:
        document[f"test-{component.name}"] = workflow_tests.test(component, only_if_changed=several)
        document[f"image-{component.name}"] = workflow_image.image(component, placement)
        for name in (f"test-{component.name}", f"image-{component.name}"):
            _fetch_all(document[name], placement)
        document[f"deploy-{component.name}"] = workflow_deployment.deploy(component, placement)
    return document


def _fetch_all(job: Job, placement: Placement) -> None:
    """Tests and images need large files and submodules; a deployment only its manifests."""
    for step in job["steps"]:
        if step.get("uses") == CHECKOUT.reference:
            step["with"] |= placement.checkout
