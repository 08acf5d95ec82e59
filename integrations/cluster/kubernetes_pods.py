"""How a deployment is, in plain words, worked out from it, its replica sets and its pods. Pure functions.

https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
"""

from integrations.cluster import Manifest, Pod, Workload

REVISION = "deployment.kubernetes.io/revision"
STUCK = {"CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CreateContainerConfigError"}


def workload(deployment: Manifest, replica_sets: list[Manifest], pods: list[Manifest]) -> Workload:
    """The state of a deployment; replica sets and pods of others among those given are left out."""
    uid, status = deployment["metadata"].get("uid", ""), deployment.get("status") or {}
    owned = [one for one in replica_sets if _owner(one) == uid]
    newest = max(owned, key=_revision)["metadata"]["uid"] if owned else ""
    owners = {one["metadata"]["uid"] for one in owned}
    found = tuple(_pod(pod, _owner(pod) == newest) for pod in pods if _owner(pod) in owners and not _ending(pod))
    current = _current(deployment)
    stuck, reason, says = (False, "", "") if current else _trouble(deployment, found)
    return Workload(
        name=deployment["metadata"]["name"],
        image=_image(deployment, found),
        wanted=_desired(deployment),
        ready=status.get("readyReplicas", 0),
        available=status.get("availableReplicas", 0) >= _desired(deployment) and _seen(deployment),
        current=current,
        says=says,
        stuck=stuck,
        reason=reason,
        pods=found,
    )


def _image(deployment: Manifest, pods: tuple[Pod, ...]) -> str:
    """The first container's image, with the digest that a pod of the newest revision runs where one is known."""
    asked: str = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    digest = next((digest for pod in pods if pod.newest for digest in pod.digests[:1]), "")
    return asked if "@" in asked or not digest else f"{asked}@{digest}"


def _seen(deployment: Manifest) -> bool:
    observed: int = (deployment.get("status") or {}).get("observedGeneration", 0)
    return observed >= int(deployment["metadata"].get("generation", 1))


def _desired(deployment: Manifest) -> int:
    return int(deployment["spec"].get("replicas", 1))


def _owner(one: Manifest) -> str:
    return next((ref["uid"] for ref in one["metadata"].get("ownerReferences") or [] if ref.get("controller")), "")


def _revision(replica_set: Manifest) -> int:
    return int((replica_set["metadata"].get("annotations") or {}).get(REVISION, "0"))


def _ending(pod: Manifest) -> bool:
    return "deletionTimestamp" in pod["metadata"]


def _current(deployment: Manifest) -> bool:
    status = deployment.get("status") or {}
    counts = [status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")]
    return _seen(deployment) and counts == [_desired(deployment)] * 3


def _trouble(deployment: Manifest, pods: tuple[Pod, ...]) -> tuple[bool, str, str]:
    """(will not get there by waiting, the cluster's reason, a sentence): the most telling of what is wrong."""
    conditions = {one["type"]: one for one in (deployment.get("status") or {}).get("conditions") or []}
    refused = conditions.get("ReplicaFailure", {})
    if refused.get("status") == "True":
        return (True, refused.get("reason", ""), f"The cluster refuses the pods: {refused.get('message', '')}")
    ailing = [pod for pod in pods if pod.newest and pod.reason]
    late = conditions.get("Progressing", {}).get("reason") == "ProgressDeadlineExceeded"
    if ailing:
        worst = min(ailing, key=lambda pod: pod.reason not in STUCK)
        return late or worst.reason in STUCK, worst.reason, worst.says
    if late:
        return (True, "ProgressDeadlineExceeded", "The new pods were not ready within the deployment's deadline.")
    return False, "Progressing", "The pods are being started."


def _pod(pod: Manifest, newest: bool) -> Pod:
    status = pod.get("status") or {}
    containers = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    reason, says = _ailment(pod, containers)
    return Pod(
        name=pod["metadata"]["name"],
        ready=any(one["type"] == "Ready" and one["status"] == "True" for one in status.get("conditions") or []),
        newest=newest,
        restarts=sum(one.get("restartCount", 0) for one in containers),
        digests=tuple(digest for one in containers if (digest := _digest(one.get("imageID", "")))),
        reason=reason,
        says=says,
    )


def _digest(image_id: str) -> str:
    found: str = image_id.rpartition("@")[2].rpartition("://")[2]
    return found if found.startswith("sha256:") else ""


def _ailment(pod: Manifest, containers: list[Manifest]) -> tuple[str, str]:
    """What is wrong with a pod: (reason, sentence), both empty when it is well or only just starting."""
    for one in containers:
        waiting = (one.get("state") or {}).get("waiting") or {}
        if waiting.get("reason", "") not in ("", "ContainerCreating", "PodInitializing"):
            return waiting["reason"], _waiting(one, waiting)
    for one in containers:
        ended = (one.get("state") or {}).get("terminated") or {}
        if ended and ended.get("exitCode"):
            return ended.get("reason", "Error"), f"It ended with exit code {ended['exitCode']}."
    unscheduled = _condition(pod, "PodScheduled")
    if unscheduled.get("status") == "False":
        return unscheduled.get("reason", "Unschedulable"), f"No node takes the pod: {unscheduled.get('message', '')}"
    if any("running" in (one.get("state") or {}) and not one.get("ready") for one in containers):
        return "NotReady", "It runs, but its probe does not call it ready."
    return "", ""


def _waiting(container: Manifest, waiting: Manifest) -> str:
    reason, said = str(waiting["reason"]), str(waiting.get("message", ""))
    if reason == "CrashLoopBackOff":
        code = ((container.get("lastState") or {}).get("terminated") or {}).get("exitCode")
        again = f" with exit code {code}" if code is not None else ""
        return f"It starts and ends again{again}; {container.get('restartCount', 0)} restarts so far."
    if reason in ("ImagePullBackOff", "ErrImagePull", "InvalidImageName"):
        return f"Its image cannot be pulled: {said or container.get('image', '')}"
    if reason == "CreateContainerConfigError":
        return f"Its configuration is incomplete: {said}"
    return said or reason


def _condition(pod: Manifest, kind: str) -> Manifest:
    found = (one for one in (pod.get("status") or {}).get("conditions") or [] if one["type"] == kind)
    return next(found, {})
