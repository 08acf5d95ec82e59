"""The controllers of Deployments and ReplicaSets. Source: `pkg/controller/deployment` and `replicaset`."""

import copy
import hashlib
import json
import time
from typing import Any

from sandbox.kubernetes import happenings, rollout, store, writing
from sandbox.kubernetes.authentication import ADMINISTRATORS, User
from sandbox.kubernetes.failures import Failure
from sandbox.kubernetes.kinds import named

Body = dict[str, Any]
DEPLOYMENT, REPLICA_SET, POD = named("Deployment", "apps"), named("ReplicaSet", "apps"), named("Pod")
CONTROLLER = User("system:serviceaccount:kube-system:replicaset-controller", (ADMINISTRATORS,))
REVISION = "deployment.kubernetes.io/revision"
HASH = "pod-template-hash"
TRY_AGAIN = 2.0
_refused_until: dict[str, float] = {}


def turn() -> None:
    """One look at every Deployment and every ReplicaSet."""
    sets = store.every(REPLICA_SET)
    for deployment in store.every(DEPLOYMENT):
        _deployment(deployment, _owned(deployment, sets))
    pods = store.every(POD)
    for replica_set in store.every(REPLICA_SET):
        _replica_set(replica_set, _owned(replica_set, pods))


def _owned(owner: Body, bodies: list[Body]) -> list[Body]:
    """Those that the owner controls."""
    uid = owner["metadata"]["uid"]
    return [
        one
        for one in bodies
        if any(ref["uid"] == uid and ref.get("controller") for ref in one["metadata"].get("ownerReferences") or [])
    ]


def _deployment(deployment: Body, owned: list[Body]) -> None:
    newest = _newest(deployment, owned)
    if newest is None:
        return
    olds = [one for one in owned if one["metadata"]["uid"] != newest["metadata"]["uid"]]
    for replica_set, size in rollout.sizes(deployment, newest, olds):
        _scale(deployment, replica_set, size)
    store.alter(DEPLOYMENT, deployment, lambda body: rollout.report(body, newest, olds))


def _revision(replica_set: Body) -> int:
    return int(replica_set["metadata"]["annotations"][REVISION])


def _template(replica_set: Body) -> Body:
    """A set's template as the deployment has it: without the hash."""
    template: Body = copy.deepcopy(replica_set["spec"]["template"])
    template["metadata"]["labels"].pop(HASH)
    return template


def _newest(deployment: Body, owned: list[Body]) -> Body | None:
    """The set of the present template, made where there is none yet; an older one of the same template returns."""
    latest = max(map(_revision, owned), default=0)
    found = next((one for one in owned if _template(one) == deployment["spec"]["template"]), None)
    if found is None:
        found = _made(deployment, latest + 1)
    elif _revision(found) < latest:
        found = store.alter(REPLICA_SET, found, lambda body: _annotate(body, latest + 1))
    if found is not None:
        number = _revision(found)
        store.alter(DEPLOYMENT, deployment, lambda body: _annotate(body, number))
    return found


def _annotate(body: Body, revision: int) -> None:
    body["metadata"].setdefault("annotations", {})[REVISION] = str(revision)


def _made(deployment: Body, revision: int) -> Body | None:
    template, selector = (copy.deepcopy(deployment["spec"][name]) for name in ("template", "selector"))
    mark = _hash(template)
    template["metadata"].setdefault("labels", {})[HASH] = mark
    selector.setdefault("matchLabels", {})[HASH] = mark
    metadata = {
        "name": f"{deployment['metadata']['name']}-{mark}",
        "namespace": deployment["metadata"]["namespace"],
        "labels": template["metadata"]["labels"],
        "annotations": {REVISION: str(revision)},
        "ownerReferences": [_reference(deployment)],
    }
    spec = {"replicas": 0, "selector": selector, "template": template}
    body = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec, "status": {}}
    try:
        return store.create(REPLICA_SET, store.stamp(REPLICA_SET, body))
    except Failure as failure:  # a set of that name is somebody else's
        happenings.tell(deployment, "ReplicaSetCreateError", failure.message, warning=True)
        return None


def _hash(template: Body) -> str:
    number = int(hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:14], 16)
    return "".join(writing.LETTERS[number // 27**place % 27] for place in range(10))


def _reference(owner: Body) -> Body:
    about = {"apiVersion": owner["apiVersion"], "kind": owner["kind"]}
    about |= {key: owner["metadata"][key] for key in ("name", "uid")}
    return {**about, "controller": True, "blockOwnerDeletion": True}


def _scale(deployment: Body, replica_set: Body, size: int) -> None:
    before, name = replica_set["spec"]["replicas"], replica_set["metadata"]["name"]
    if before == size:
        return

    def resize(body: Body) -> None:
        body["spec"]["replicas"] = size
        body["metadata"]["generation"] += 1

    store.alter(REPLICA_SET, replica_set, resize)
    replica_set["spec"]["replicas"] = size
    verb = "up" if size > before else "down"
    happenings.tell(deployment, "ScalingReplicaSet", f"Scaled {verb} replica set {name} from {before} to {size}")


def _replica_set(replica_set: Body, pods: list[Body]) -> None:
    alive = [pod for pod in pods if (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")]
    wanted, uid = replica_set["spec"]["replicas"], replica_set["metadata"]["uid"]
    refusal: Failure | None = None
    waiting = _refused_until.get(uid, 0.0) > time.monotonic()
    if len(alive) < wanted and not waiting:
        refusal = _fill(replica_set, wanted - len(alive))
        if refusal:
            _refused_until[uid] = time.monotonic() + TRY_AGAIN
    for pod in sorted(alive, key=_worth)[: max(0, len(alive) - wanted)]:
        store.remove(pod)
        happenings.tell(replica_set, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")
    _report(replica_set, alive, refusal, unchanged=waiting and len(alive) < wanted)


def _fill(replica_set: Body, missing: int) -> Failure | None:
    """Makes pods; the refusal that stopped it, if one did."""
    owner, template = replica_set["metadata"], replica_set["spec"]["template"]
    of_each = {"generateName": f"{owner['name']}-", "namespace": owner["namespace"]}
    metadata = {**template["metadata"], **of_each, "ownerReferences": [_reference(replica_set)]}
    body = {"apiVersion": "v1", "kind": "Pod", "spec": template["spec"], "metadata": metadata}
    for _ in range(missing):
        write = writing.Write(CONTROLLER, POD, owner["namespace"], "", "kube-controller-manager")
        try:
            made = writing.create(write, body)
        except Failure as failure:
            happenings.tell(replica_set, "FailedCreate", f"Error creating: {failure.message}", warning=True)
            return failure
        happenings.tell(replica_set, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")
    return None


def is_ready(pod: Body) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _worth(pod: Body) -> tuple[bool, str]:
    """Which pod goes first: an unready one, then the youngest."""
    return is_ready(pod), "".join(chr(255 - ord(one)) for one in pod["metadata"]["creationTimestamp"])


def _report(replica_set: Body, alive: list[Body], refusal: Failure | None, unchanged: bool) -> None:
    ready = sum(map(is_ready, alive))

    def write(body: Body) -> None:
        before = (body.get("status") or {}).get("conditions") or []
        conditions = before if unchanged else _failure(refusal, before)
        body["status"] = {
            "replicas": len(alive),
            "fullyLabeledReplicas": len(alive),
            "readyReplicas": ready,
            "availableReplicas": ready,
            "observedGeneration": body["metadata"]["generation"],
            **({"conditions": conditions} if conditions else {}),
        }

    store.alter(REPLICA_SET, replica_set, write)


def _failure(refusal: Failure | None, before: list[Body]) -> list[Body]:
    if refusal is None:
        return []
    known = next((one for one in before if one["message"] == refusal.message), None)
    said = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": refusal.message}
    return [known or {**said, "lastTransitionTime": store.now()}]
