"""The controllers of Deployments and ReplicaSets. Source: `pkg/controller/deployment` and `replicaset`."""

import copy
import hashlib
import json
import time
from typing import Any

from sandbox.kubernetes import events, rollout, store, writing
from sandbox.kubernetes.authentication import ADMINISTRATORS, User
from sandbox.kubernetes.failures import Failure
from sandbox.kubernetes.kinds import named

Body = dict[str, Any]
DEPLOYMENT, REPLICA_SET, POD = named("Deployment", "apps"), named("ReplicaSet", "apps"), named("Pod")
CONTROLLER = User("system:serviceaccount:kube-system:replicaset-controller", (ADMINISTRATORS,))
REVISION = "deployment.kubernetes.io/revision"
HASH = "pod-template-hash"
RETRY_DELAY = 2.0
_retry_at: dict[str, float] = {}
"""The uid of a replica set whose pods were refused → when to create pods again."""


def reconcile() -> None:
    """Reconcile every Deployment and every ReplicaSet once."""
    replica_sets = store.list_objects(REPLICA_SET)
    for deployment in store.list_objects(DEPLOYMENT):
        _reconcile_deployment(deployment, _owned(deployment, replica_sets))
    pods = store.list_objects(POD)
    for replica_set in store.list_objects(REPLICA_SET):
        _reconcile_replica_set(replica_set, _owned(replica_set, pods))


def _owned(owner: Body, bodies: list[Body]) -> list[Body]:
    """The objects whose controller is the owner."""
    uid = owner["metadata"]["uid"]
    return [
        body
        for body in bodies
        if any(ref["uid"] == uid and ref.get("controller") for ref in body["metadata"].get("ownerReferences") or [])
    ]


def _reconcile_deployment(deployment: Body, owned: list[Body]) -> None:
    newest = _newest(deployment, owned)
    if newest is None:
        return
    olds = [replica_set for replica_set in owned if replica_set["metadata"]["uid"] != newest["metadata"]["uid"]]
    for replica_set, size in rollout.sizes(deployment, newest, olds):
        _scale(deployment, replica_set, size)
    store.alter(DEPLOYMENT, deployment, lambda body: rollout.report(body, newest, olds))


def _revision(replica_set: Body) -> int:
    return int(replica_set["metadata"]["annotations"][REVISION])


def _template(replica_set: Body) -> Body:
    """A replica set's template as in the deployment, without the hash."""
    template: Body = copy.deepcopy(replica_set["spec"]["template"])
    template["metadata"]["labels"].pop(HASH)
    return template


def _newest(deployment: Body, owned: list[Body]) -> Body | None:
    """The replica set of the current template. A matching older set is reused; otherwise one is created."""
    latest = max(map(_revision, owned), default=0)
    matching = (replica_set for replica_set in owned if _template(replica_set) == deployment["spec"]["template"])
    newest = next(matching, None)
    if newest is None:
        newest = _create(deployment, latest + 1)
    elif _revision(newest) < latest:
        newest = store.alter(REPLICA_SET, newest, lambda body: _annotate(body, latest + 1))
    if newest is not None:
        number = _revision(newest)
        store.alter(DEPLOYMENT, deployment, lambda body: _annotate(body, number))
    return newest


def _annotate(body: Body, revision: int) -> None:
    body["metadata"].setdefault("annotations", {})[REVISION] = str(revision)


def _create(deployment: Body, revision: int) -> Body | None:
    template, selector = (copy.deepcopy(deployment["spec"][name]) for name in ("template", "selector"))
    digest = _hash(template)
    template["metadata"].setdefault("labels", {})[HASH] = digest
    selector.setdefault("matchLabels", {})[HASH] = digest
    metadata = {
        "name": f"{deployment['metadata']['name']}-{digest}",
        "namespace": deployment["metadata"]["namespace"],
        "labels": template["metadata"]["labels"],
        "annotations": {REVISION: str(revision)},
        "ownerReferences": [_owner_reference(deployment)],
    }
    spec = {"replicas": 0, "selector": selector, "template": template}
    body = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec, "status": {}}
    try:
        return store.create(REPLICA_SET, store.stamp(REPLICA_SET, body))
    except Failure as failure:  # a foreign replica set uses the name
        events.record(deployment, "ReplicaSetCreateError", failure.message, warning=True)
        return None


def _hash(template: Body) -> str:
    number = int(hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:14], 16)
    return "".join(writing.NAME_ALPHABET[number // 27**position % 27] for position in range(10))


def _owner_reference(owner: Body) -> Body:
    reference = {"apiVersion": owner["apiVersion"], "kind": owner["kind"]}
    reference |= {key: owner["metadata"][key] for key in ("name", "uid")}
    return {**reference, "controller": True, "blockOwnerDeletion": True}


def _scale(deployment: Body, replica_set: Body, size: int) -> None:
    before, name = replica_set["spec"]["replicas"], replica_set["metadata"]["name"]
    if before == size:
        return

    def resize(body: Body) -> None:
        body["spec"]["replicas"] = size
        body["metadata"]["generation"] += 1

    store.alter(REPLICA_SET, replica_set, resize)
    replica_set["spec"]["replicas"] = size
    direction = "up" if size > before else "down"
    events.record(deployment, "ScalingReplicaSet", f"Scaled {direction} replica set {name} from {before} to {size}")


def _reconcile_replica_set(replica_set: Body, pods: list[Body]) -> None:
    active = [pod for pod in pods if (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")]
    desired, uid = replica_set["spec"]["replicas"], replica_set["metadata"]["uid"]
    refusal: Failure | None = None
    waiting = _retry_at.get(uid, 0.0) > time.monotonic()
    if len(active) < desired and not waiting:
        refusal = _create_pods(replica_set, desired - len(active))
        if refusal:
            _retry_at[uid] = time.monotonic() + RETRY_DELAY
    for pod in sorted(active, key=_deletion_order)[: max(0, len(active) - desired)]:
        store.remove(pod)
        events.record(replica_set, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")
    _report(replica_set, active, refusal, unchanged=waiting and len(active) < desired)


def _create_pods(replica_set: Body, count: int) -> Failure | None:
    """Create pods. Returns the refusal if one is refused."""
    owner, template = replica_set["metadata"], replica_set["spec"]["template"]
    naming = {"generateName": f"{owner['name']}-", "namespace": owner["namespace"]}
    metadata = {**template["metadata"], **naming, "ownerReferences": [_owner_reference(replica_set)]}
    body = {"apiVersion": "v1", "kind": "Pod", "spec": template["spec"], "metadata": metadata}
    for _ in range(count):
        write = writing.Write(CONTROLLER, POD, owner["namespace"], "", "kube-controller-manager")
        try:
            pod = writing.create(write, body)
        except Failure as failure:
            events.record(replica_set, "FailedCreate", f"Error creating: {failure.message}", warning=True)
            return failure
        events.record(replica_set, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}")
    return None


def is_ready(pod: Body) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def _deletion_order(pod: Body) -> tuple[bool, str]:
    """Sort key: unready pods are deleted first, then the youngest."""
    return is_ready(pod), "".join(chr(255 - ord(char)) for char in pod["metadata"]["creationTimestamp"])


def _report(replica_set: Body, active: list[Body], refusal: Failure | None, unchanged: bool) -> None:
    ready = sum(map(is_ready, active))

    def write(body: Body) -> None:
        before = (body.get("status") or {}).get("conditions") or []
        conditions = before if unchanged else _conditions(refusal, before)
        body["status"] = {
            "replicas": len(active),
            "fullyLabeledReplicas": len(active),
            "readyReplicas": ready,
            "availableReplicas": ready,
            "observedGeneration": body["metadata"]["generation"],
            **({"conditions": conditions} if conditions else {}),
        }

    store.alter(REPLICA_SET, replica_set, write)


def _conditions(refusal: Failure | None, before: list[Body]) -> list[Body]:
    if refusal is None:
        return []
    same = next((condition for condition in before if condition["message"] == refusal.message), None)
    condition = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": refusal.message}
    return [same or {**condition, "lastTransitionTime": store.now()}]
