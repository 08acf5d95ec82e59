"""A rolling update: how many pods each replica set should have, and what the Deployment says of itself.

Source: `pkg/controller/deployment/{rolling,sync,progress}.go`. Pure functions over the objects.
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


def _share(value: int | str, whole: int, up: bool) -> int:
    if not str(value).endswith("%"):
        return int(value)
    part = whole * int(str(value)[:-1]) / 100
    return math.ceil(part) if up else math.floor(part)


def _bounds(deployment: Body) -> tuple[int, int]:
    """(how many pods more than wanted there may be, how many fewer)."""
    wanted, rolling = deployment["spec"]["replicas"], deployment["spec"]["strategy"].get("rollingUpdate") or {}
    surge = _share(rolling.get("maxSurge", "25%"), wanted, up=True)
    unavailable = _share(rolling.get("maxUnavailable", "25%"), wanted, up=False)
    return surge, 1 if surge == unavailable == 0 else unavailable


def _count(replica_set: Body, name: str) -> int:
    found: int = (replica_set.get("status") or {}).get(name, 0)
    return found


def _size(replica_set: Body) -> int:
    found: int = replica_set["spec"]["replicas"]
    return found


def sizes(deployment: Body, newest: Body, olds: list[Body]) -> list[tuple[Body, int]]:
    """What each set should be scaled to now; the old keep what they have until the new are available."""
    wanted = deployment["spec"]["replicas"]
    surge, unavailable = _bounds(deployment)
    held = sum(map(_size, olds))
    grown = min(wanted, max(_size(newest), wanted + surge - held)) if _size(newest) < wanted else wanted
    spare = held + min(grown, _count(newest, "availableReplicas")) - (wanted - unavailable)
    shrunk = []
    for one in sorted(olds, key=lambda one: _count(one, "availableReplicas")):  # what is broken goes first
        taken = min(_size(one), max(0, spare))
        spare -= taken
        shrunk.append((one, _size(one) - taken))
    return [(newest, grown), *shrunk]


def report(deployment: Body, newest: Body, olds: list[Body]) -> None:
    """Writes the Deployment's status, in place."""
    before, wanted = deployment.get("status") or {}, deployment["spec"]["replicas"]
    counts = {name: sum(_count(one, name) for one in (newest, *olds)) for name in COUNTS}
    counts["updatedReplicas"] = _count(newest, "replicas")
    known = {one["type"]: one for one in before.get("conditions") or []}
    enough = counts["availableReplicas"] >= wanted - _bounds(deployment)[1]
    failures = [one for owned in (newest, *olds) for one in (owned.get("status") or {}).get("conditions") or []]
    missing = max(0, wanted - counts["availableReplicas"])
    deployment["status"] = {
        "observedGeneration": deployment["metadata"]["generation"],
        **{key: value for key, value in counts.items() if value},
        **({"unavailableReplicas": missing} if missing else {}),
        "conditions": [
            _condition("Available", *AVAILABILITY[enough], before=known.get("Available")),
            _progress(deployment, newest, counts, before, known.get("Progressing")),
            *({**one, "lastUpdateTime": one["lastTransitionTime"]} for one in failures[:1]),
        ],
    }


def _condition(kind: str, status: str, reason: str, message: str, before: Body | None, moved: bool = False) -> Body:
    same = before is not None and (before["status"], before["reason"]) == (status, reason)
    updated = before["lastUpdateTime"] if before and same and not moved else store.now()
    since = before["lastTransitionTime"] if before and before["status"] == status else store.now()
    said = {"type": kind, "status": status, "reason": reason, "message": message}
    return {**said, "lastUpdateTime": updated, "lastTransitionTime": since}


def _progress(deployment: Body, newest: Body, counts: dict[str, int], status: Body, before: Body | None) -> Body:
    """Complete, moving, or stuck longer than the deadline."""
    name, wanted = newest["metadata"]["name"], deployment["spec"]["replicas"]
    if counts["updatedReplicas"] == counts["replicas"] == counts["availableReplicas"] == wanted:
        said = f'ReplicaSet "{name}" has successfully progressed.'
        return _condition("Progressing", "True", "NewReplicaSetAvailable", said, before)
    anew = status.get("observedGeneration") != deployment["metadata"]["generation"]
    moved = anew or any(status.get(key, 0) != value for key, value in counts.items())
    settled = not anew and counts["replicas"] == counts["updatedReplicas"]
    if before and settled and before["reason"] == "NewReplicaSetAvailable":
        return before  # it was complete; that a pod is ill since is no rollout
    if before and not moved and _is_late(deployment, before):
        said = f'ReplicaSet "{name}" has timed out progressing.'
        return _condition("Progressing", "False", "ProgressDeadlineExceeded", said, before)
    return _condition("Progressing", "True", "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.', before, moved)


def _is_late(deployment: Body, before: Body) -> bool:
    if before["reason"] == "ProgressDeadlineExceeded":
        return True
    waited = datetime.now(UTC) - datetime.fromisoformat(before["lastUpdateTime"])
    return waited.total_seconds() > float(deployment["spec"].get("progressDeadlineSeconds", 600))
