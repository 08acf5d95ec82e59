"""The defaults that the API server sets in objects. Source: `pkg/apis/*/v1/defaults.go`."""

import base64
from collections.abc import Callable
from typing import Any

from sandbox.kubernetes import quantity
from sandbox.kubernetes.kinds import RBAC

Body = dict[str, Any]


def apply(body: Body) -> None:
    """Set the defaults of an object of any kind, in place."""
    filler = _FILLERS.get(body["kind"])
    if filler:
        filler(body)


def _set(target: Body, **values: Any) -> None:
    for key, value in values.items():
        target.setdefault(key, value)


def _namespace(body: Body) -> None:
    body["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = body["metadata"].get("name", "")
    _set(body, spec={"finalizers": ["kubernetes"]}, status={"phase": "Active"})


def _pod(body: Body) -> None:
    pod_spec(body.setdefault("spec", {}))
    _set(body["spec"], serviceAccountName="default")
    _set(body, status={"phase": "Pending"})


def pod_spec(spec: Body) -> None:
    """Set the defaults of a pod's or template's spec and its containers."""
    _set(spec, restartPolicy="Always", terminationGracePeriodSeconds=30, securityContext={})
    for container in spec.get("containers") or []:
        if isinstance(container, dict):
            _container(container)


def _container(container: Body) -> None:
    _set(container, resources={})
    for port in container.get("ports") or []:
        _set(port, protocol="TCP")
    for kind in ("requests", "limits"):
        _canonical(container["resources"], kind)
    for name, limit in container["resources"].get("limits", {}).items():
        container["resources"].setdefault("requests", {}).setdefault(name, limit)


def _canonical(parent: Body, name: str) -> None:
    if isinstance(parent.get(name), dict):
        parent[name] = {key: quantity.canonical(value) for key, value in parent[name].items()}


def _deployment(body: Body) -> None:
    spec = body.setdefault("spec", {})
    _set(spec, replicas=1, strategy={}, progressDeadlineSeconds=600)
    _set(spec["strategy"], type="RollingUpdate")
    if spec["strategy"]["type"] == "RollingUpdate":
        _set(spec["strategy"].setdefault("rollingUpdate", {}), maxUnavailable="25%", maxSurge="25%")
    _template(body)


def _template(body: Body) -> None:
    template = body["spec"].get("template")
    if isinstance(template, dict):
        template.setdefault("metadata", {})
        pod_spec(template.setdefault("spec", {}))
    _set(body, status={})


def _service(body: Body) -> None:
    spec = body.setdefault("spec", {})
    for port in spec.get("ports") or []:
        _set(port, protocol="TCP", targetPort=port.get("port"))
    _set(spec, type="ClusterIP")
    _set(body, status={"loadBalancer": {}})


def _secret(body: Body) -> None:
    plain = body.pop("stringData", None) or {}
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in plain.items()}
    if encoded:
        body["data"] = {**(body.get("data") or {}), **encoded}
    _set(body, type="Opaque")


def _quota(body: Body) -> None:
    _canonical(body.setdefault("spec", {}), "hard")
    _set(body, status={})


def _limit_range(body: Body) -> None:
    for limit in body.get("spec", {}).get("limits") or []:
        for kind in ("max", "default", "defaultRequest", "maxLimitRequestRatio"):
            _canonical(limit, kind)


def _binding(body: Body) -> None:
    for subject in body.get("subjects") or []:
        if subject.get("kind") in ("User", "Group"):
            _set(subject, apiGroup=RBAC)
    _set(body.get("roleRef") or {}, apiGroup=RBAC)


def _ingress(body: Body) -> None:
    _set(body, status={"loadBalancer": {}})


_FILLERS: dict[str, Callable[[Body], None]] = {
    "Namespace": _namespace,
    "Pod": _pod,
    "Deployment": _deployment,
    "Service": _service,
    "Secret": _secret,
    "ResourceQuota": _quota,
    "LimitRange": _limit_range,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
    "Ingress": _ingress,
}
