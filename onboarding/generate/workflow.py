"""The pipeline as a GitHub Actions workflow. https://docs.github.com/en/actions/reference/workflow-syntax-for-github-actions

Tests before images before deployment; least permissions per job; no stored secret: the deployment signs in to the
cluster with the run's own OIDC token.
"""

import re
import shlex
from collections.abc import Sequence
from typing import Any

from onboarding.generate.actions import KUBECTL, pinned
from onboarding.generate.files import File, Placement, below
from onboarding.generate.scripts import APPLY, CHANGED, SIGN_IN, WITH_CA
from onboarding.generate.text import dumped, noted
from onboarding.generate.toolchains import TOOLCHAINS
from onboarding.stacks import Component
from onboarding.stacks.choosing import WORKFLOW

RUNNER = "ubuntu-24.04"
DEPLOY_JOB_PREFIX = "Deploy "
HEADER = """\
# Tests, builds and deploys what is in this repository. Proposed by Onramp; it is yours to change.
# Pull requests are tested and built; the default branch is deployed to the team's namespace as well.
"""
Job = dict[str, Any]


def workflow(components: Sequence[Component], placement: Placement) -> File:
    """One workflow for all components of the repository."""
    several = len(components) > 1
    jobs: dict[str, Job] = {"changes": _changes(components)} if several else {}
    for one in components:
        jobs[f"test-{one.name}"] = _test(one, several)
        jobs[f"image-{one.name}"] = _image(one, placement)
        jobs[f"deploy-{one.name}"] = _deploy(one, placement)
    branch = re.sub(r"([\\*?+\[\]!])", r"\\\1", placement.default_branch)
    document = {
        "name": "onramp",
        "on": {"push": {"branches": [branch]}, "pull_request": {"branches": [branch]}},
        "permissions": {},
        # Waiting runs of one group replace each other: pushes must not, each tells what changed since the one before.
        "concurrency": {
            "group": "onramp-${{ github.event_name == 'pull_request' && github.ref || github.sha }}",
            "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
        },
        "jobs": jobs,
    }
    text = dumped(document).replace("\n'on':\n", "\non:\n", 1)  # the dumper takes the word for a truth value
    return File(WORKFLOW, HEADER + text, "tests, builds and deploys every commit")


def _checkout(**options: object) -> dict[str, Any]:
    return {"uses": noted(*pinned("actions/checkout")), "with": {"persist-credentials": False, **options}}


def _changes(components: Sequence[Component]) -> Job:
    """Which components a commit touches; the others are left alone."""
    return {
        "name": "Find what changed",
        "runs-on": RUNNER,
        "timeout-minutes": 5,
        "permissions": {"contents": "read"},
        "outputs": {one.name: "${{ steps.changed.outputs." + one.name + " }}" for one in components},
        "steps": [
            _checkout(**{"fetch-depth": 0}),
            {
                "id": "changed",
                "name": "Compare with what was there before",
                "shell": "bash",
                "env": {
                    "BASE": "${{ github.event.pull_request.base.sha || github.event.before }}",
                    "COMPONENTS": "\n".join(f"{one.name}={one.root or '.'}" for one in components),
                },
                "run": CHANGED,
            },
        ],
    }


def _test(one: Component, several: bool) -> Job:
    job: Job = {
        "name": f"Test {one.name}",
        "runs-on": RUNNER,
        "timeout-minutes": 15,
        "permissions": {"contents": "read"},
    }
    if several:
        job |= {"needs": "changes", "if": f"needs.changes.outputs.{one.name} == 'true'"}
    if one.folder:
        job["defaults"] = {"run": {"working-directory": one.folder}}
    tools = TOOLCHAINS.get(one.family)
    test = {"name": "Test", "run": shlex.join(one.test)}
    none = {"name": "No tests yet", "run": f"echo '{one.name} has no tests that could be found.'"}
    job["steps"] = [_checkout(), *(tools.steps(one) if tools else []), test if one.test else none]
    return job


def _image(one: Component, placement: Placement) -> Job:
    login = {"registry": placement.registry_host, "username": "${{ github.actor }}"}
    return {
        "name": f"Image {one.name}",
        "needs": f"test-{one.name}",
        "runs-on": RUNNER,
        "timeout-minutes": 20,
        "permissions": {"contents": "read", "packages": noted("write", "pushes the image")},
        "outputs": {"digest": "${{ steps.build.outputs.digest }}"},
        "steps": [
            _checkout(),
            {"uses": noted(*pinned("docker/setup-buildx-action"))},
            {
                "if": "github.event_name == 'push'",
                "uses": noted(*pinned("docker/login-action")),
                "with": login | {"password": "${{ secrets.GITHUB_TOKEN }}"},
            },
            {
                "id": "build",
                "uses": noted(*pinned("docker/build-push-action")),
                "with": {
                    "context": one.folder or ".",
                    "file": one.container_file or below(one.root, "Dockerfile"),
                    "push": "${{ github.event_name == 'push' }}",
                    "tags": placement.image_of(one.name) + ":${{ github.sha }}",
                    "cache-from": f"type=gha,scope={one.name}",
                    "cache-to": f"type=gha,mode=max,scope={one.name}",
                },
            },
        ],
    }


def _deploy(one: Component, placement: Placement) -> Job:
    environment = {
        "IMAGE": placement.image_of(one.name) + "@${{ needs.image-" + one.name + ".outputs.digest }}",
        "APPLICATION": one.name,
        "NAMESPACE": placement.namespace,
        "CLUSTER": placement.cluster_url,
        "AUDIENCE": placement.oidc_audience,
    }
    if placement.cluster_ca:
        environment["CLUSTER_CA"] = placement.cluster_ca
    branch = placement.default_branch.replace("'", "''")
    return {
        "name": f"{DEPLOY_JOB_PREFIX}{one.name}",
        "needs": f"image-{one.name}",
        "if": f"github.event_name == 'push' && github.ref == 'refs/heads/{branch}'",
        "runs-on": RUNNER,
        "timeout-minutes": 10,
        "permissions": {"contents": "read", "id-token": noted("write", "signs in to the cluster as this run")},
        "concurrency": {"group": f"onramp-deploy-{one.name}", "cancel-in-progress": False},
        "steps": [
            _checkout(),
            {"uses": noted(*pinned("azure/setup-kubectl")), "with": {"version": KUBECTL}},
            {
                "name": "Apply the manifests as this run, and wait for the rollout",
                "shell": "bash",
                "env": environment,
                "run": SIGN_IN + (WITH_CA if placement.cluster_ca else "") + APPLY,
            },
        ],
    }
