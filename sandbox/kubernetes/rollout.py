"""Rolling updates: the size of each replica set, and the status of the Deployment.

Source: `pkg/controller/deployment/{rolling,sync,progress}.go`. Functions over the objects, without access to the store.
"""

import math
from datetime import UTC, datetime
from typing import Any

from sandbox.kubernetes import store

Body = dict[str, Any]
COUNTS = ("replicas", "readyReplicas", "availableReplicas")
AVAILABILITY = {
    True: ("True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
    False: ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."),
}


def _resolve(value: int | str, total: int, round_up: bool) -> int:
    """A number of pods that is given as a number or a percentage."""
    if not str(value).endswith("%"):
        return int(value)
    part = total * int(str(value)[:-1]) / 100
    return math.ceil(part) if round_up else math.floor(part)


def _bounds(deployment: Body) -> tuple[int, int]:
    """(maximum surge, maximum unavailable) in pods."""
    desired, rolling = deployment["spec"]["replicas"], deployment["spec"]["strategy"].get("rollingUpdate") or {}
    surge = _resolve(rolling.get("maxSurge", "25%"), desired, round_up=True)
    unavailable = _resolve(rolling.get("maxUnavailable", "25%"), desired, round_up=False)
    return surge, 1 if surge == unavailable == 0 else unavailable


def _count(replica_set: Body, name: str) -> int:
    count: int = (replica_set.get("status") or {}).get(name, 0)
    return count


def _size(replica_set: Body) -> int:
    size: int = replica_set["spec"]["replicas"]
    return size


def sizes(deployment: Body, newest: Body, olds: list[Body]) -> list[tuple[Body, int]]:
    """The next size of each set. The old sets shrink only as far as new pods are available."""
    desired = deployment["spec"]["replicas"]
    surge, unavailable = _bounds(deployment)
    old_total = sum(map(_size, olds))
    allowed = max(_size(newest), desired + surge - old_total)
    new_size = min(desired, allowed) if _size(newest) < desired else desired
    surplus = old_total + min(new_size, _count(newest, "availableReplicas")) - (desired - unavailable)
    old_sizes = []
    for old in sorted(olds, key=lambda old: _count(old, "availableReplicas")):  # sets with broken pods shrink first
        removed = min(_size(old), max(0, surplus))
        surplus -= removed
        old_sizes.append((old, _size(old) - removed))
    return [(newest, new_size), *old_sizes]


def report(deployment: Body, newest: Body, olds: list[Body]) -> None:
    """Set the Deployment's status, in place."""
    before, desired = deployment.get("status") or {}, deployment["spec"]["replicas"]
    sets = (newest, *olds)
    counts = {name: sum(_count(replica_set, name) for replica_set in sets) for name in COUNTS}
    counts["updatedReplicas"] = _count(newest, "replicas")
    previous = {condition["type"]: condition for condition in before.get("conditions") or []}
    is_available = counts["availableReplicas"] >= desired - _bounds(deployment)[1]
    failures = [
        condition for replica_set in sets for condition in (replica_set.get("status") or {}).get("conditions") or []
    ]
    missing = max(0, desired - counts["availableReplicas"])
    deployment["status"] = {
        "observedGeneration": deployment["metadata"]["generation"],
        **{key: value for key, value in counts.items() if value},
        **({"unavailableReplicas": missing} if missing else {}),
        "conditions": [
            _condition("Available", *AVAILABILITY[is_available], before=previous.get("Available")),
            _progress(deployment, newest, counts, before, previous.get("Progressing")),
            *({**failure, "lastUpdateTime": failure["lastTransitionTime"]} for failure in failures[:1]),
        ],
    }


def _condition(kind: str, status: str, reason: str, message: str, before: Body | None, moved: bool = False) -> Body:
    same = before is not None and (before["status"], before["reason"]) == (status, reason)
    updated = before["lastUpdateTime"] if before and same and not moved else store.now()
    since = before["lastTransitionTime"] if before and before["status"] == status else store.now()
    condition = {"type": kind, "status": status, "reason": reason, "message": message}
    return {**condition, "lastUpdateTime": updated, "lastTransitionTime": since}


def _progress(deployment: Body, newest: Body, counts: dict[str, int], status: Body, before: Body | None) -> Body:
    """The Progressing condition: complete, in progress, or past the deadline."""
    subject, desired = f'ReplicaSet "{newest["metadata"]["name"]}"', deployment["spec"]["replicas"]
    if counts["updatedReplicas"] == counts["replicas"] == counts["availableReplicas"] == desired:
        message = f"{subject} has successfully progressed."
        return _condition("Progressing", "True", "NewReplicaSetAvailable", message, before)
    changed = status.get("observedGeneration") != deployment["metadata"]["generation"]
    moved = changed or any(status.get(key, 0) != value for key, value in counts.items())
    settled = not changed and counts["replicas"] == counts["updatedReplicas"]
    if before and settled and before["reason"] == "NewReplicaSetAvailable":
        return before  # the rollout is complete; a pod that fails later does not reopen it
    if before and not moved and _is_late(deployment, before):
        message = f"{subject} has timed out progressing."
        return _condition("Progressing", "False", "ProgressDeadlineExceeded", message, before)
    return _condition("Progressing", "True", "ReplicaSetUpdated", f"{subject} is progressing.", before, moved)


def _is_late(deployment: Body, before: Body) -> bool:
    if before["reason"] == "ProgressDeadlineExceeded":
        return True
    waited = datetime.now(UTC) - datetime.fromisoformat(before["lastUpdateTime"])
    return waited.total_seconds() > float(deployment["spec"].get("progressDeadlineSeconds", 600))
