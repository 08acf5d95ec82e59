"""The HorizontalPodAutoscaler, as far as it works without metrics: it keeps a Deployment within its bounds.

Source: `reconcileAutoscaler` of `pkg/controller/podautoscaler/horizontal.go`, whose first questions these are.
"""

from typing import Any

from sandbox.kubernetes import happenings, store
from sandbox.kubernetes.kinds import named

Body = dict[str, Any]
AUTOSCALER, DEPLOYMENT = named("HorizontalPodAutoscaler", "autoscaling"), named("Deployment", "apps")


def turn() -> None:
    """One look at every autoscaler."""
    found = {(one["metadata"]["namespace"], one["metadata"]["name"]): one for one in store.every(DEPLOYMENT)}
    for one in store.every(AUTOSCALER):
        target = one["spec"]["scaleTargetRef"]
        deployment = found.get((one["metadata"]["namespace"], target["name"]))
        if deployment is not None and target["kind"] == "Deployment":
            _keep(one, deployment)


def _keep(autoscaler: Body, deployment: Body) -> None:
    least, most = int(autoscaler["spec"].get("minReplicas", 1)), int(autoscaler["spec"]["maxReplicas"])
    now = int(deployment["spec"].get("replicas", 1))
    wanted = min(max(now, least), most)
    if now in (0, wanted):  # at zero it is switched off
        return

    def resize(body: Body) -> None:
        body["spec"]["replicas"] = wanted
        body["metadata"]["generation"] += 1

    store.alter(DEPLOYMENT, deployment, resize)
    why = "the current number of replicas is below Spec.MinReplicas" if now < least else "above Spec.MaxReplicas"
    happenings.tell(autoscaler, "SuccessfulRescale", f"New size: {wanted}; reason: {why}")
