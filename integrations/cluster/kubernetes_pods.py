"""The state of a deployment in plain words, computed from it, its replica sets and its pods. Pure functions.

https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
"""

from integrations.cluster import Manifest, Pod, Workload

REVISION = "deployment.kubernetes.io/revision"
STUCK = {"CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CreateContainerConfigError"}


def workload(deployment: Manifest, replica_sets: list[Manifest], pods: list[Manifest]) -> Workload:
    """Replica sets and pods that belong to other deployments are ignored."""
    uid, status = deployment["metadata"].get("uid", ""), deployment.get("status") or {}
    owned = [replica_set for replica_set in replica_sets if _owner(replica_set) == uid]
    newest = max(owned, key=_revision)["metadata"]["uid"] if owned else ""
    owners = {replica_set["metadata"]["uid"] for replica_set in owned}
    live = tuple(_pod(pod, _owner(pod) == newest) for pod in pods if _owner(pod) in owners and not _is_deleted(pod))
    current = _is_current(deployment)
    stuck, reason, message = (False, "", "") if current else _problem(deployment, live)
    return Workload(
        name=deployment["metadata"]["name"],
        image=_image(deployment, live),
        desired=_desired(deployment),
        ready=status.get("readyReplicas", 0),
        available=status.get("availableReplicas", 0) >= _desired(deployment) and _is_observed(deployment),
        current=current,
        message=message,
        stuck=stuck,
        reason=reason,
        pods=live,
    )


def _image(deployment: Manifest, pods: tuple[Pod, ...]) -> str:
    """The first container's image, with the digest that a pod of the newest revision runs, if it is known."""
    image: str = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    digest = next((digest for pod in pods if pod.newest for digest in pod.digests[:1]), "")
    return image if "@" in image or not digest else f"{image}@{digest}"


def _is_observed(deployment: Manifest) -> bool:
    observed: int = (deployment.get("status") or {}).get("observedGeneration", 0)
    return observed >= int(deployment["metadata"].get("generation", 1))


def _desired(deployment: Manifest) -> int:
    return int(deployment["spec"].get("replicas", 1))


def _owner(manifest: Manifest) -> str:
    return next((ref["uid"] for ref in manifest["metadata"].get("ownerReferences") or [] if ref.get("controller")), "")


def _revision(replica_set: Manifest) -> int:
    return int((replica_set["metadata"].get("annotations") or {}).get(REVISION, "0"))


def _is_deleted(pod: Manifest) -> bool:
    return "deletionTimestamp" in pod["metadata"]


def _is_current(deployment: Manifest) -> bool:
    status = deployment.get("status") or {}
    counts = [status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")]
    return _is_observed(deployment) and counts == [_desired(deployment)] * 3


def _problem(deployment: Manifest, pods: tuple[Pod, ...]) -> tuple[bool, str, str]:
    """(waiting will not help, the cluster's reason, a sentence): the problem that explains most."""
    conditions = {
        condition["type"]: condition for condition in (deployment.get("status") or {}).get("conditions") or []
    }
    refused = conditions.get("ReplicaFailure", {})
    if refused.get("status") == "True":
        return (True, refused.get("reason", ""), f"The cluster refuses the pods: {refused.get('message', '')}")
    unhealthy = [pod for pod in pods if pod.newest and pod.reason]
    late = conditions.get("Progressing", {}).get("reason") == "ProgressDeadlineExceeded"
    if unhealthy:
        worst = min(unhealthy, key=lambda pod: pod.reason not in STUCK)
        return late or worst.reason in STUCK, worst.reason, worst.message
    if late:
        return (True, "ProgressDeadlineExceeded", "The new pods were not ready within the deployment's deadline.")
    return False, "Progressing", "The pods are being started."


def _pod(pod: Manifest, newest: bool) -> Pod:
    status = pod.get("status") or {}
    containers = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    reason, message = _pod_problem(pod, containers)
    return Pod(
        name=pod["metadata"]["name"],
        ready=_condition(pod, "Ready").get("status") == "True",
        newest=newest,
        restarts=sum(container.get("restartCount", 0) for container in containers),
        digests=tuple(digest for container in containers if (digest := _digest(container.get("imageID", "")))),
        reason=reason,
        message=message,
    )


def _digest(image_id: str) -> str:
    digest: str = image_id.rpartition("@")[2].rpartition("://")[2]
    return digest if digest.startswith("sha256:") else ""


def _pod_problem(pod: Manifest, containers: list[Manifest]) -> tuple[str, str]:
    """(reason, sentence), both empty for a pod that is healthy or is only starting."""
    for container in containers:
        waiting = (container.get("state") or {}).get("waiting") or {}
        if waiting.get("reason", "") not in ("", "ContainerCreating", "PodInitializing"):
            return waiting["reason"], _waiting(container, waiting)
    for container in containers:
        ended = (container.get("state") or {}).get("terminated") or {}
        if ended and ended.get("exitCode"):
            return ended.get("reason", "Error"), f"It exited with code {ended['exitCode']}."
    unscheduled = _condition(pod, "PodScheduled")
    if unscheduled.get("status") == "False":
        return unscheduled.get("reason", "Unschedulable"), f"No node can take the pod: {unscheduled.get('message', '')}"
    if any("running" in (container.get("state") or {}) and not container.get("ready") for container in containers):
        return "NotReady", "It is running, but its readiness probe fails."
    return "", ""


def _waiting(container: Manifest, waiting: Manifest) -> str:
    reason, message = str(waiting["reason"]), str(waiting.get("message", ""))
    if reason == "CrashLoopBackOff":
        code = ((container.get("lastState") or {}).get("terminated") or {}).get("exitCode")
        suffix = f" with exit code {code}" if code is not None else ""
        return f"It keeps exiting{suffix}; {container.get('restartCount', 0)} restarts so far."
    if reason in ("ImagePullBackOff", "ErrImagePull", "InvalidImageName"):
        return f"Its image cannot be pulled: {message or container.get('image', '')}"
    if reason == "CreateContainerConfigError":
        return f"Its configuration is incomplete: {message}"
    return message or reason


def _condition(pod: Manifest, kind: str) -> Manifest:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return next((condition for condition in conditions if condition["type"] == kind), {})
