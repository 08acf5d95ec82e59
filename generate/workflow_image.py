"""The job of a generated workflow that builds an image, and pushes it on the default branch."""

from generate.files import Placement, below
from generate.pinned_actions import BUILD_PUSH, BUILDX, LOGIN
from generate.workflow_job import RUNNER, Job, checkout
from generate.yaml_text import commented
from stacks import Component


def image(component: Component, placement: Placement) -> Job:
    """Builds the image; pushes it on the default branch only."""
    login = {"registry": placement.registry_host, "username": "${{ github.actor }}"}
    return {
        "name": f"Image {component.name}",
        "needs": f"test-{component.name}",
        "runs-on": RUNNER,
        "timeout-minutes": 20,
        "permissions": {"contents": "read", "packages": commented("write", "to push the image")},
        "outputs": {"digest": "${{ steps.build.outputs.digest }}"},
        "steps": [
            checkout(),
            {"uses": BUILDX.reference},
            {
                "if": "github.event_name == 'push'",
                "uses": LOGIN.reference,
                "with": login | {"password": "${{ secrets.GITHUB_TOKEN }}"},
            },
            {
                "id": "build",
                "uses": BUILD_PUSH.reference,
                "with": {
                    "context": component.folder or ".",
                    "file": component.container_file or below(component.root, "Dockerfile"),
                    "push": "${{ github.event_name == 'push' }}",
                    "tags": placement.image_of(component.name) + ":${{ github.sha }}",
                    "cache-from": f"type=gha,scope={component.name}",
                    "cache-to": f"type=gha,mode=max,scope={component.name}",
                },
            },
        ],
    }
