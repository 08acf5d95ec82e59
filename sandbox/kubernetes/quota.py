"""ResourceQuota and LimitRange: what a namespace may still hold, and the resources that containers get by default.

Source: `plugin/pkg/admission/resourcequota` and `plugin/pkg/admission/limitranger`, whose sentences these are.
"""

from decimal import Decimal
from typing import Any

from sandbox.kubernetes import quantity, store
from sandbox.kubernetes.failures import refused
from sandbox.kubernetes.kinds import Kind, named

Body = dict[str, Any]
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_SHORT = {name: f"requests.{name}" for name in _COMPUTE}


def usage(pod: Body) -> dict[str, str]:
    """What one pod counts for, by the names of a quota."""
    counted = {"pods": "1", "count/pods": "1"}
    containers = pod["spec"].get("containers") or []
    for kind in ("requests", "limits"):
        for name in _COMPUTE:
            asked = [(one.get("resources") or {}).get(kind, {}).get(name) for one in containers]
            if any(value is not None for value in asked):
                counted[f"{kind}.{name}"] = quantity.total([value for value in asked if value is not None])
    return counted


def _key(name: str) -> str:
    return _SHORT.get(name, name)


def used(namespace: str, hard: dict[str, str]) -> dict[str, str]:
    """What the namespace holds of everything that a quota limits."""
    pods = [
        pod
        for pod in store.every(named("Pod"), namespace)
        if (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
    ]
    counted = [usage(pod) for pod in pods]
    found = {
        name: quantity.total([one[_key(name)] for one in counted if _key(name) in one])
        for name in hard
        if name in _pod_resources()
    }
    return found | {name: "0" for name in hard if name not in found}


def _pod_resources() -> set[str]:
    limits = {f"limits.{name}" for name in _COMPUTE}
    return {"pods", "count/pods", *_COMPUTE, *_SHORT.values(), *limits}


def admit(kind: Kind, pod: Body, namespace: str) -> None:
    """Raises a 403 Failure where the pod would exceed a quota or does not say what a quota counts."""
    for one in store.every(named("ResourceQuota"), namespace):
        hard = (one.get("spec") or {}).get("hard") or {}
        _admit(
            kind, pod, one["metadata"]["name"], {key: value for key, value in hard.items() if key in _pod_resources()}
        )


def _admit(kind: Kind, pod: Body, name: str, hard: dict[str, str]) -> None:
    pod_name = pod["metadata"].get("name", "")
    unsaid = _unsaid(pod, hard)
    if unsaid:
        raise refused(kind, pod_name, f"failed quota: {name}: must specify {unsaid}")
    asked, held = usage(pod), used(pod["metadata"]["namespace"], hard)
    over = sorted(key for key in hard if _sum(held[key], asked.get(_key(key), "0")) > quantity.parse(hard[key]))
    if over:
        requested = ",".join(f"{key}={asked[_key(key)]}" for key in over)
        already = ",".join(f"{key}={held[key]}" for key in over)
        limited = ",".join(f"{key}={hard[key]}" for key in over)
        raise refused(
            kind, pod_name, f"exceeded quota: {name}, requested: {requested}, used: {already}, limited: {limited}"
        )


def _sum(one: str, other: str) -> Decimal:
    return quantity.parse(one) + quantity.parse(other)


def _unsaid(pod: Body, hard: dict[str, str]) -> str:
    missing = []
    for key in sorted(hard):
        kind, _, name = _key(key).partition(".")
        if name and kind in ("requests", "limits"):
            without = [
                one["name"]
                for one in pod["spec"]["containers"]
                if name not in (one.get("resources") or {}).get(kind, {})
            ]
            if without:
                missing.append(f"{key} for: {','.join(sorted(without))}")
    return "; ".join(missing)


def apply_limits(kind: Kind, pod: Body, namespace: str) -> None:
    """Gives containers what a LimitRange says by default. Raises a 403 Failure where a limit is passed."""
    ranges = [limit for one in store.every(named("LimitRange"), namespace) for limit in one["spec"].get("limits") or []]
    for limit in [one for one in ranges if one.get("type") == "Container"]:
        for container in pod["spec"].get("containers") or []:
            resources = container.setdefault("resources", {})
            for part, source in (("requests", "defaultRequest"), ("limits", "default")):
                resources[part] = {**(limit.get(source) or {}), **resources.get(part, {})}
            _within(kind, pod, resources["limits"], limit.get("max") or {})


def _within(kind: Kind, pod: Body, limits: Body, most: Body) -> None:
    for name in sorted(limits.keys() & most.keys()):
        if quantity.parse(limits[name]) > quantity.parse(most[name]):
            says = f"maximum {name} usage per Container is {most[name]}, but limit is {limits[name]}"
            raise refused(kind, pod["metadata"].get("name", ""), says)
