"""ResourceQuota and LimitRange: the limits of a namespace, and the default resources of containers.

Source: `plugin/pkg/admission/resourcequota` and `plugin/pkg/admission/limitranger`, which is where the messages are
from.
"""

from decimal import Decimal
from typing import Any

from sandbox.kubernetes import quantity, store
from sandbox.kubernetes.failures import forbidden
from sandbox.kubernetes.kinds import Kind, named

Body = dict[str, Any]
QUOTA = named("ResourceQuota")
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_LONG_NAMES = {name: f"requests.{name}" for name in _COMPUTE}
_POD_RESOURCES = {
    "pods",
    "count/pods",
    *_COMPUTE,
    *_LONG_NAMES.values(),
    *(f"limits.{name}" for name in _COMPUTE),
}


def reconcile() -> None:
    """Update the status of every ResourceQuota."""
    for body in store.list_objects(QUOTA):
        _update_status(body)


def _update_status(body: Body) -> None:
    hard = (body.get("spec") or {}).get("hard") or {}
    status = {"hard": hard, "used": used(body["metadata"]["namespace"], hard)}
    store.alter(QUOTA, body, lambda body: body.update(status=status))


def usage(pod: Body) -> dict[str, str]:
    """The usage of one pod, by the resource names of a quota."""
    total = {"pods": "1", "count/pods": "1"}
    containers = pod["spec"].get("containers") or []
    for kind in ("requests", "limits"):
        for name in _COMPUTE:
            values = [(container.get("resources") or {}).get(kind, {}).get(name) for container in containers]
            if any(value is not None for value in values):
                total[f"{kind}.{name}"] = quantity.total([value for value in values if value is not None])
    return total


def _long_name(name: str) -> str:
    return _LONG_NAMES.get(name, name)


def used(namespace: str, hard: dict[str, str]) -> dict[str, str]:
    """The usage of the namespace for each limit of a quota."""
    pods = [
        pod
        for pod in store.list_objects(named("Pod"), namespace)
        if (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
    ]
    usages = [usage(pod) for pod in pods]
    totals = {
        name: quantity.total([one_pod[_long_name(name)] for one_pod in usages if _long_name(name) in one_pod])
        for name in hard
        if name in _POD_RESOURCES
    }
    return totals | {name: "0" for name in hard if name not in totals}


def admit(kind: Kind, pod: Body, namespace: str) -> None:
    """Raises a 403 Failure if the pod exceeds a quota or does not specify a limited resource."""
    for body in [each for each in store.list_objects(QUOTA, namespace) if _applies(each, pod)]:
        hard = (body.get("spec") or {}).get("hard") or {}
        limits = {key: value for key, value in hard.items() if key in _POD_RESOURCES}
        _admit(kind, pod, body["metadata"]["name"], limits)


def _applies(body: Body, pod: Body) -> bool:
    """Whether the pod is in the quota's scope. Of the scopes, only priority classes are known here."""
    selector = (body.get("spec") or {}).get("scopeSelector") or {}
    classes = [set(each.get("values") or []) for each in selector.get("matchExpressions") or []]
    return all(pod["spec"].get("priorityClassName") in each for each in classes)


def _admit(kind: Kind, pod: Body, quota: str, hard: dict[str, str]) -> None:
    pod_name = pod["metadata"].get("name", "")
    unspecified = _unspecified(pod, hard)
    if unspecified:
        raise forbidden(kind, pod_name, f"failed quota: {quota}: must specify {unspecified}")
    requested, current = usage(pod), used(pod["metadata"]["namespace"], hard)
    exceeded = sorted(
        key for key in hard if _sum(current[key], requested.get(_long_name(key), "0")) > quantity.parse(hard[key])
    )
    if exceeded:
        parts = (
            f"exceeded quota: {quota}",
            f"requested: {','.join(f'{key}={requested[_long_name(key)]}' for key in exceeded)}",
            f"used: {','.join(f'{key}={current[key]}' for key in exceeded)}",
            f"limited: {','.join(f'{key}={hard[key]}' for key in exceeded)}",
        )
        raise forbidden(kind, pod_name, ", ".join(parts))


def _sum(first: str, second: str) -> Decimal:
    return quantity.parse(first) + quantity.parse(second)


def _unspecified(pod: Body, hard: dict[str, str]) -> str:
    """The limited resources that containers do not specify, in the words of the message."""
    missing = []
    for key in sorted(hard):
        kind, _, name = _long_name(key).partition(".")
        if name and kind in ("requests", "limits"):
            containers = [
                container["name"]
                for container in pod["spec"]["containers"]
                if name not in (container.get("resources") or {}).get(kind, {})
            ]
            if containers:
                missing.append(f"{key} for: {','.join(sorted(containers))}")
    return "; ".join(missing)


def apply_limits(kind: Kind, pod: Body, namespace: str) -> None:
    """Set the default resources of a LimitRange on the containers. Raises a 403 Failure for an exceeded maximum."""
    ranges = store.list_objects(named("LimitRange"), namespace)
    limits = [limit for body in ranges for limit in body.get("spec", {}).get("limits") or []]
    for limit in [limit for limit in limits if limit.get("type") == "Container"]:
        for container in pod["spec"].get("containers") or []:
            resources = container.setdefault("resources", {})
            for part, source in (("requests", "defaultRequest"), ("limits", "default")):
                resources[part] = {**(limit.get(source) or {}), **resources.get(part, {})}
            _check_maximum(kind, pod, resources["limits"], limit.get("max") or {})


def _check_maximum(kind: Kind, pod: Body, limits: Body, maximum: Body) -> None:
    for name in sorted(limits.keys() & maximum.keys()):
        if quantity.parse(limits[name]) > quantity.parse(maximum[name]):
            problem = f"maximum {name} usage per Container is {maximum[name]}, but limit is {limits[name]}"
            raise forbidden(kind, pod["metadata"].get("name", ""), problem)
