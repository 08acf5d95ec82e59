"""The job of a generated workflow that deploys a component.

There is no stored secret: the job signs in to the cluster with the run's own OIDC token.
"""

from generate.files import Placement
from generate.pinned_actions import KUBECTL, KUBECTL_VERSION
from generate.scripts import APPLY, SIGN_IN, WITH_CA
from generate.workflow_job import RUNNER, Job, checkout
from generate.yaml_text import commented
from stacks import Component

DEPLOY_JOB_PREFIX = "Deploy "


def deploy(component: Component, placement: Placement) -> Job:
    """Applies the manifests and waits for the rollout; one deployment of a component at a time."""
    environment = {
        "IMAGE": placement.image_of(component.name) + "@${{ needs.image-" + component.name + ".outputs.digest }}",
        "APPLICATION": component.name,
        "NAMESPACE": placement.namespace,
        "CLUSTER": placement.cluster_url,
        "AUDIENCE": placement.oidc_audience,
    }
    if placement.cluster_ca:
        environment["CLUSTER_CA"] = placement.cluster_ca
    branch = placement.default_branch.replace("'", "''")
    return {
        "name": f"{DEPLOY_JOB_PREFIX}{component.name}",
        "needs": f"image-{component.name}",
        "if": f"github.event_name == 'push' && github.ref == 'refs/heads/{branch}'",
        "runs-on": RUNNER,
        "timeout-minutes": 10,
        "permissions": {"contents": "read", "id-token": commented("write", "to sign in to the cluster as this run")},
        "concurrency": {"group": f"onramp-deploy-{component.name}", "cancel-in-progress": False},
        "steps": [
            checkout(),
            {"uses": KUBECTL.reference, "with": {"version": KUBECTL_VERSION}},
            {
                "name": "Apply the manifests and wait for the rollout",
                "shell": "bash",
                "env": environment,
                "run": SIGN_IN + (WITH_CA if placement.cluster_ca else "") + APPLY,
            },
        ],
    }
