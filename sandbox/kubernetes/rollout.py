"""A rolling update: how many pods each replica set should have, and what the Deployment says of itself.

Source: `pkg/controller/deployment/{rolling,sync,progress}.go`. Pure functions over the objects.
"""

import math
from datetime import UTC, datetime
from typing import Any

from sandbox.kubernetes import store

Body = dict[str, Any]


def _share(value: int | str, whole: int, up: bool) -> int:
    if isinstance(value, int):
        return value
    if not value.endswith("%"):
        return int(value)
    part = whole * int(value[:-1]) / 100
    return math.ceil(part) if up else math.floor(part)


def _bounds(deployment: Body) -> tuple[int, int]:
    """(how many pods more than wanted there may be, how many fewer)."""
    wanted, rolling = deployment["spec"]["replicas"], deployment["spec"]["strategy"].get("rollingUpdate") or {}
    surge = _share(rolling.get("maxSurge", "25%"), wanted, up=True)
    unavailable = _share(rolling.get("maxUnavailable", "25%"), wanted, up=False)
    return surge, 1 if surge == unavailable == 0 else unavailable


def _available(replica_set: Body) -> int:
    found: int = (replica_set.get("status") or {}).get("availableReplicas", 0)
    return found


def _size(replica_set: Body) -> int:
    found: int = replica_set["spec"]["replicas"]
    return found


def sizes(deployment: Body, newest: Body, olds: list[Body]) -> list[tuple[Body, int]]:
    """What each set should be scaled to now; the old keep what they have until the new are available."""
    wanted = deployment["spec"]["replicas"]
    if deployment["spec"]["strategy"]["type"] == "Recreate":
        left = sum((one.get("status") or {}).get("replicas", 0) for one in olds)
        return [*((one, 0) for one in olds), (newest, 0 if left else wanted)]
    surge, unavailable = _bounds(deployment)
    held = sum(map(_size, olds))
    grown = min(wanted, max(_size(newest), wanted + surge - held)) if _size(newest) < wanted else wanted
    spare = held + grown - (wanted - unavailable) - (grown - min(grown, _available(newest)))
    shrunk = []
    for one in sorted(olds, key=_available):  # what is broken goes first
        taken = min(_size(one), max(0, spare))
        spare -= taken
        shrunk.append((one, _size(one) - taken))
    return [(newest, grown), *shrunk]


def report(deployment: Body, newest: Body, olds: list[Body]) -> None:
    """Writes the Deployment's status, in place."""
    before, wanted = deployment.get("status") or {}, deployment["spec"]["replicas"]
    counts = _counts(newest, olds)
    enough = counts["availableReplicas"] >= wanted - _bounds(deployment)[1]
    conditions = {one["type"]: one for one in before.get("conditions") or []}
    failures = [
        one
        for owned in (newest, *olds)
        for one in (owned.get("status") or {}).get("conditions") or []
        if one["type"] == "ReplicaFailure"
    ]
    told = [_availability(enough, conditions.get("Available")), _progress(deployment, newest, counts, before)]
    missing = max(0, wanted - counts["availableReplicas"])
    deployment["status"] = {
        "observedGeneration": deployment["metadata"]["generation"],
        **{key: value for key, value in counts.items() if value},
        **({"unavailableReplicas": missing} if missing else {}),
        "conditions": [*told, *({**one, "lastUpdateTime": one["lastTransitionTime"]} for one in failures[:1])],
    }


def _counts(newest: Body, olds: list[Body]) -> dict[str, int]:
    def total(name: str) -> int:
        return sum((one.get("status") or {}).get(name, 0) for one in (newest, *olds))

    updated = (newest.get("status") or {}).get("replicas", 0)
    return {
        "replicas": total("replicas"),
        "updatedReplicas": updated,
        "readyReplicas": total("readyReplicas"),
        "availableReplicas": total("availableReplicas"),
    }


def _condition(kind: str, status: str, reason: str, message: str, before: Body | None, moved: bool = False) -> Body:
    same = before is not None and (before["status"], before["reason"]) == (status, reason)
    updated = before["lastUpdateTime"] if before and same and not moved else store.now()
    since = before["lastTransitionTime"] if before and before["status"] == status else store.now()
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastUpdateTime": updated,
        "lastTransitionTime": since,
    }


def _availability(enough: bool, before: Body | None) -> Body:
    if enough:
        return _condition(
            "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", before
        )
    return _condition(
        "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", before
    )


def _progress(deployment: Body, newest: Body, counts: dict[str, int], status: Body) -> Body:
    """Complete, moving, or stuck longer than the deadline."""
    name, wanted = newest["metadata"]["name"], deployment["spec"]["replicas"]
    conditions: list[Body] = status.get("conditions") or []
    before = next((one for one in conditions if one["type"] == "Progressing"), None)
    if counts["updatedReplicas"] == counts["replicas"] == counts["availableReplicas"] == wanted:
        return _condition(
            "Progressing", "True", "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.', before
        )
    anew = status.get("observedGeneration") != deployment["metadata"]["generation"]
    if (
        before
        and before["reason"] == "NewReplicaSetAvailable"
        and not anew
        and counts["replicas"] == counts["updatedReplicas"]
    ):
        return before  # it was complete; that a pod is ill since is no rollout
    moved = anew or any(status.get(key, 0) != value for key, value in counts.items())
    if not moved and before and before["reason"] == "ProgressDeadlineExceeded":
        return before
    if (
        not moved
        and before
        and _seconds_since(before["lastUpdateTime"]) > deployment["spec"].get("progressDeadlineSeconds", 600)
    ):
        return _condition(
            "Progressing",
            "False",
            "ProgressDeadlineExceeded",
            f'ReplicaSet "{name}" has timed out progressing.',
            before,
        )
    return _condition("Progressing", "True", "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.', before, moved)


def _seconds_since(time: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(time)).total_seconds()
