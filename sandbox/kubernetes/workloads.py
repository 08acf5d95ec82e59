"""The controllers of Deployments and ReplicaSets. Source: `pkg/controller/deployment` and `replicaset`."""

import copy
import hashlib
import json
import math
import time
from datetime import UTC, datetime
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


def owner_of(body: Body) -> str:
    return next((one["uid"] for one in body["metadata"].get("ownerReferences") or [] if one.get("controller")), "")


def turn() -> None:
    """One look at every Deployment and every ReplicaSet."""
    sets = store.every(REPLICA_SET)
    for deployment in store.every(DEPLOYMENT):
        _deployment(deployment, [one for one in sets if owner_of(one) == deployment["metadata"]["uid"]])
    pods = store.every(POD)
    for replica_set in store.every(REPLICA_SET):
        _replica_set(replica_set, [pod for pod in pods if owner_of(pod) == replica_set["metadata"]["uid"]])


def _deployment(deployment: Body, owned: list[Body]) -> None:
    newest = _newest(deployment, owned)
    if newest is None:
        return
    olds = [one for one in owned if one["metadata"]["uid"] != newest["metadata"]["uid"]]
    for replica_set, size in rollout.sizes(deployment, newest, olds):
        _scale(deployment, replica_set, size)
    _forget(deployment, olds)
    metadata = deployment["metadata"]
    store.change(
        DEPLOYMENT,
        metadata["namespace"],
        metadata["name"],
        lambda body: rollout.report(body, newest, olds),
        uid=metadata["uid"],
    )


def _template(replica_set: Body) -> Body:
    """A set's template as the deployment has it: without the hash."""
    template = copy.deepcopy(replica_set["spec"]["template"])
    template["metadata"]["labels"] = {
        key: value for key, value in (template["metadata"].get("labels") or {}).items() if key != HASH
    }
    found: Body = template
    return found


def _newest(deployment: Body, owned: list[Body]) -> Body | None:
    """The set of the present template, made where there is none yet; an older one of the same template returns."""
    revision = str(max([int(one["metadata"]["annotations"][REVISION]) for one in owned], default=0) + 1)
    found = next((one for one in owned if _template(one) == deployment["spec"]["template"]), None)
    if found is None:
        found = _made(deployment, revision)
    elif int(found["metadata"]["annotations"][REVISION]) < int(revision) - 1:
        metadata = found["metadata"]
        found = store.change(
            REPLICA_SET,
            metadata["namespace"],
            metadata["name"],
            lambda body: body["metadata"]["annotations"].update({REVISION: revision}),
        )
    if found is not None:
        _annotate(deployment, found["metadata"]["annotations"][REVISION])
    return found


def _annotate(deployment: Body, revision: str) -> None:
    metadata = deployment["metadata"]
    if (metadata.get("annotations") or {}).get(REVISION) != revision:
        store.change(
            DEPLOYMENT,
            metadata["namespace"],
            metadata["name"],
            lambda body: body["metadata"].setdefault("annotations", {}).update({REVISION: revision}),
        )


def _made(deployment: Body, revision: str) -> Body | None:
    template = copy.deepcopy(deployment["spec"]["template"])
    mark = _hash(template)
    template["metadata"].setdefault("labels", {})[HASH] = mark
    selector = copy.deepcopy(deployment["spec"]["selector"])
    selector.setdefault("matchLabels", {})[HASH] = mark
    metadata = {
        "name": f"{deployment['metadata']['name']}-{mark}",
        "namespace": deployment["metadata"]["namespace"],
        "labels": template["metadata"]["labels"],
        "annotations": {REVISION: revision},
        "ownerReferences": [_reference(deployment)],
    }
    spec = {
        "replicas": 0,
        "selector": selector,
        "template": template,
        "minReadySeconds": deployment["spec"].get("minReadySeconds", 0),
    }
    body = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec, "status": {}}
    try:
        return store.create(REPLICA_SET, store.stamp(REPLICA_SET, body))
    except Failure as failure:  # a set of that name is somebody else's
        happenings.tell(
            deployment, "ReplicaSetCreateError", failure.message, warning=True, component="deployment-controller"
        )
        return None


def _hash(template: Body) -> str:
    number = int(hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:14], 16)
    letters = "bcdfghjklmnpqrstvwxz2456789"
    return "".join(letters[number // 27**place % 27] for place in range(10))


def _reference(owner: Body) -> Body:
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _scale(deployment: Body, replica_set: Body, size: int) -> None:
    before, metadata = replica_set["spec"]["replicas"], replica_set["metadata"]
    if before == size:
        return

    def resize(body: Body) -> None:
        body["spec"]["replicas"] = size
        body["metadata"]["generation"] += 1

    store.change(REPLICA_SET, metadata["namespace"], metadata["name"], resize)
    replica_set["spec"]["replicas"] = size
    verb = "up" if size > before else "down"
    happenings.tell(
        deployment,
        "ScalingReplicaSet",
        f"Scaled {verb} replica set {metadata['name']} from {before} to {size}",
        component="deployment-controller",
    )


def _forget(deployment: Body, olds: list[Body]) -> None:
    """Removes the oldest empty sets beyond the history limit."""
    empty = [one for one in olds if one["spec"]["replicas"] == 0 and not (one.get("status") or {}).get("replicas")]
    empty.sort(key=lambda one: int(one["metadata"]["annotations"][REVISION]))
    for one in empty[: max(0, len(empty) - deployment["spec"].get("revisionHistoryLimit", 10))]:
        store.remove(one)


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
        happenings.tell(
            replica_set,
            "SuccessfulDelete",
            f"Deleted pod: {pod['metadata']['name']}",
            component="replicaset-controller",
        )
    _report(replica_set, alive, refusal, unchanged=waiting and len(alive) < wanted)


def _fill(replica_set: Body, missing: int) -> Failure | None:
    """Makes pods; the refusal that stopped it, if one did."""
    metadata, template = replica_set["metadata"], replica_set["spec"]["template"]
    for _ in range(missing):
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "spec": template["spec"],
            "metadata": {
                **template["metadata"],
                "generateName": f"{metadata['name']}-",
                "namespace": metadata["namespace"],
                "ownerReferences": [_reference(replica_set)],
            },
        }
        write = writing.Write(CONTROLLER, POD, metadata["namespace"], "", "kube-controller-manager")
        try:
            made = writing.create(write, body)
        except Failure as failure:
            happenings.tell(
                replica_set,
                "FailedCreate",
                f"Error creating: {failure.message}",
                warning=True,
                component="replicaset-controller",
            )
            return failure
        happenings.tell(
            replica_set,
            "SuccessfulCreate",
            f"Created pod: {made['metadata']['name']}",
            component="replicaset-controller",
        )
    return None


def is_ready(pod: Body) -> bool:
    return any(
        one["type"] == "Ready" and one["status"] == "True" for one in (pod.get("status") or {}).get("conditions") or []
    )


def _worth(pod: Body) -> tuple[bool, str]:
    """Which pod goes first: an unready one, then the youngest."""
    return is_ready(pod), "".join(chr(255 - ord(one)) for one in pod["metadata"]["creationTimestamp"])


def _is_available(pod: Body, seconds: int) -> bool:
    ready = next((one for one in (pod.get("status") or {}).get("conditions") or [] if one["type"] == "Ready"), None)
    if not ready or ready["status"] != "True":
        return False
    since = datetime.fromisoformat(ready["lastTransitionTime"])
    return math.ceil((datetime.now(UTC) - since).total_seconds()) >= seconds


def _report(replica_set: Body, alive: list[Body], refusal: Failure | None, unchanged: bool) -> None:
    metadata, delay = replica_set["metadata"], replica_set["spec"].get("minReadySeconds", 0)

    def write(body: Body) -> None:
        before = body.get("status") or {}
        status = {
            "replicas": len(alive),
            "fullyLabeledReplicas": len(alive),
            "readyReplicas": sum(map(is_ready, alive)),
            "availableReplicas": sum(_is_available(pod, delay) for pod in alive),
            "observedGeneration": body["metadata"]["generation"],
        }
        conditions = before.get("conditions") or [] if unchanged else _failure(refusal, before)
        body["status"] = {**status, **({"conditions": conditions} if conditions else {})}

    store.change(REPLICA_SET, metadata["namespace"], metadata["name"], write, uid=metadata["uid"])


def _failure(refusal: Failure | None, before: Body) -> list[Body]:
    if refusal is None:
        return []
    known = next((one for one in before.get("conditions") or [] if one["message"] == refusal.message), None)
    condition = {
        "type": "ReplicaFailure",
        "status": "True",
        "reason": "FailedCreate",
        "message": refusal.message,
        "lastTransitionTime": store.now(),
    }
    return [known or condition]
