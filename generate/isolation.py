"""What somebody would apply to get out of a team's namespace. Sent as dry runs only, by `manage.py check_isolation`."""

from typing import Any

Manifest = dict[str, Any]
NAME = "isolation-check"
_LABELS = {"app.kubernetes.io/name": NAME}
_RBAC = "rbac.authorization.k8s.io"


def deployment(namespace: str, resources: dict[str, Any] | None = None, **pod: Any) -> Manifest:
    """A Deployment that a pipeline may apply, unless `pod` or `resources` ask for more."""
    template = {"metadata": {"labels": _LABELS}, "spec": {**_pod(resources), **pod}}
    spec = {"replicas": 0, "selector": {"matchLabels": _LABELS}, "template": template}
    return _object("apps/v1", "Deployment", namespace, spec=spec)


def pod(namespace: str, **changes: Any) -> Manifest:
    return _object("v1", "Pod", namespace, spec={**_pod(None), **changes})


def service(namespace: str, **spec: Any) -> Manifest:
    ports = [{"name": "http", "port": 80}]
    return _object("v1", "Service", namespace, spec={"selector": _LABELS, "ports": ports, **spec})


def ingress(namespace: str, host: str, path: str, **annotations: str) -> Manifest:
    backend = {"service": {"name": NAME, "port": {"name": "http"}}}
    rule = {"host": host, "http": {"paths": [{"path": path, "pathType": "Prefix", "backend": backend}]}}
    manifest = _object("networking.k8s.io/v1", "Ingress", namespace, spec={"rules": [rule]})
    manifest["metadata"]["annotations"] = annotations
    return manifest


def binding(namespace: str, role: str, user: str) -> Manifest:
    return _object(
        f"{_RBAC}/v1", "RoleBinding", namespace,
        roleRef={"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
        subjects=[{"apiGroup": _RBAC, "kind": "User", "name": user}],
    )  # fmt: skip


def secret(namespace: str) -> Manifest:
    return _object("v1", "Secret", namespace, type="Opaque")


def quota(namespace: str) -> Manifest:
    return _object("v1", "ResourceQuota", namespace, spec={"hard": {"pods": "1"}})


def labelled_namespace(name: str, team: str) -> Manifest:
    """Another namespace, taken over with the team's label."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"onramp.dev/team": team}}}


def _object(version: str, kind: str, namespace: str, **body: Any) -> Manifest:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": NAME, "namespace": namespace}, **body}


def _pod(resources: dict[str, Any] | None) -> dict[str, Any]:
    container = {
        "name": NAME,
        "image": "registry.invalid/isolation-check:1",
        "resources": resources
        or {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "500m", "memory": "128Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    return {
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }
