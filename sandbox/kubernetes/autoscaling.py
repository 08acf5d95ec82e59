"""The HorizontalPodAutoscaler without metrics: it keeps a Deployment within its bounds.

Source: the first checks in `reconcileAutoscaler` of `pkg/controller/podautoscaler/horizontal.go`.
"""

from typing import Any

from sandbox.kubernetes import events, store
from sandbox.kubernetes.kinds import named

Body = dict[str, Any]
AUTOSCALER, DEPLOYMENT = named("HorizontalPodAutoscaler", "autoscaling"), named("Deployment", "apps")


def reconcile() -> None:
    """Reconcile every autoscaler once."""
    deployments = {
        (deployment["metadata"]["namespace"], deployment["metadata"]["name"]): deployment
        for deployment in store.list_objects(DEPLOYMENT)
    }
    for autoscaler in store.list_objects(AUTOSCALER):
        target = autoscaler["spec"]["scaleTargetRef"]
        deployment = deployments.get((autoscaler["metadata"]["namespace"], target["name"]))
        if deployment is not None and target["kind"] == "Deployment":
            _scale(autoscaler, deployment)


def _scale(autoscaler: Body, deployment: Body) -> None:
    minimum, maximum = int(autoscaler["spec"].get("minReplicas", 1)), int(autoscaler["spec"]["maxReplicas"])
    current = int(deployment["spec"].get("replicas", 1))
    desired = min(max(current, minimum), maximum)
    if current in (0, desired):  # zero replicas switch the autoscaler off
        return

    def resize(body: Body) -> None:
        body["spec"]["replicas"] = desired
        body["metadata"]["generation"] += 1

    store.alter(DEPLOYMENT, deployment, resize)
    below = "the current number of replicas is below Spec.MinReplicas"
    reason = below if current < minimum else "above Spec.MaxReplicas"
    events.record(autoscaler, "SuccessfulRescale", f"New size: {desired}; reason: {reason}")
