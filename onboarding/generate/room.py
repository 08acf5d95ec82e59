"""The tenant's room on the cluster, as manifests: the namespace and the guard rails that its tenant cannot move."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

Manifest = dict[str, Any]
TENANT_ROLE = "onramp-tenant"
DEPLOYER_ROLE = "onramp-deployer"
_OWNED = {"app.kubernetes.io/managed-by": "onramp"}
_READ = ["get", "list", "watch"]
_WRITE = ["create", "update", "patch", "delete"]


def room(
    *,
    team: str,
    namespace: str,
    quota: Mapping[str, str],
    deployers: Sequence[str],
    sso_group: str,
    registry: tuple[str, str, str] | None,
) -> list[Manifest]:
    """Every object in the order in which it can be applied. `registry` is (host, user, token) of the image pulls."""
    labels = _OWNED | {"onramp.dev/team": team}
    made = [
        _namespace(namespace, labels),
        _object("v1", "ResourceQuota", "onramp", namespace, labels, spec={"hard": dict(quota)}),
        _object("v1", "LimitRange", "onramp", namespace, labels, spec=_limits()),
        *_policies(namespace, labels),
        _object("rbac.authorization.k8s.io/v1", "Role", TENANT_ROLE, namespace, labels, rules=_tenant_rules()),
        _object("rbac.authorization.k8s.io/v1", "Role", DEPLOYER_ROLE, namespace, labels, rules=_deployer_rules()),
        _binding(DEPLOYER_ROLE, "User", deployers, namespace, labels),
    ]
    if sso_group:
        made.append(_binding(TENANT_ROLE, "Group", [sso_group], namespace, labels))
    if registry is not None:
        made.append(_pull_secret(registry, namespace, labels))
    return made


def _object(version: str, kind: str, name: str, namespace: str, labels: Mapping[str, str], **body: Any) -> Manifest:
    metadata = {"name": name, "namespace": namespace, "labels": dict(labels)}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **body}


def _namespace(name: str, labels: Mapping[str, str]) -> Manifest:
    levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {**labels, **levels}}}


def _limits() -> dict[str, Any]:
    """Containers that name nothing get little, so that a quota never refuses them for naming nothing."""
    return {
        "limits": [
            {
                "type": "Container",
                "default": {"cpu": "500m", "memory": "128Mi"},
                "defaultRequest": {"cpu": "50m", "memory": "64Mi"},
            }
        ]
    }


def _policies(namespace: str, labels: Mapping[str, str]) -> list[Manifest]:
    """Nothing in or out, but for names, the outer world by https, each other, and what must reach applications."""
    version, kind = "networking.k8s.io/v1", "NetworkPolicy"
    everyone: dict[str, Any] = {"podSelector": {}}
    dns = {
        "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}],
        "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
    }
    # Link-local addresses are left out: a node's metadata service hands out its credentials there.
    outside = [
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}},
        {"ipBlock": {"cidr": "::/0", "except": ["fe80::/10"]}},
    ]
    https = {"to": outside, "ports": [{"protocol": "TCP", "port": 443}]}
    siblings: list[dict[str, Any]] = [{"podSelector": {}}]
    platform = [{"namespaceSelector": {"matchLabels": {"onramp.dev/reaches-applications": "true"}}}]
    return [
        _object(version, kind, "default-deny", namespace, labels, spec={**everyone, "policyTypes": ["Ingress", "Egress"]}),
        _object(
            version, kind, "allow-egress", namespace, labels,
            spec={**everyone, "policyTypes": ["Egress"], "egress": [dns, https, {"to": siblings}]},
        ),
        _object(
            version, kind, "allow-ingress", namespace, labels,
            spec={**everyone, "policyTypes": ["Ingress"], "ingress": [{"from": siblings + platform}]},
        ),
    ]  # fmt: skip


def _tenant_rules() -> list[dict[str, Any]]:
    """Our own role: stock `edit` would let a tenant delete the guard rails."""
    core = ["pods", "pods/log", "services", "configmaps", "events", "serviceaccounts", "persistentvolumeclaims"]
    return [
        {"apiGroups": [""], "resources": core, "verbs": _READ},
        {"apiGroups": [""], "resources": ["resourcequotas", "limitranges"], "verbs": _READ},
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["delete"]},
        {"apiGroups": [""], "resources": ["pods/exec", "pods/portforward"], "verbs": ["create"]},
        {"apiGroups": [""], "resources": ["secrets", "configmaps"], "verbs": _WRITE},
        {
            "apiGroups": ["apps"],
            "resources": ["deployments", "replicasets", "deployments/scale"],
            "verbs": [*_READ, "update", "patch"],
        },
        {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses", "networkpolicies"], "verbs": _READ},
        {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"], "verbs": _READ},
        {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": _READ},
    ]


def _deployer_rules() -> list[dict[str, Any]]:
    """What a pipeline applies, and what it looks at while it waits for the rollout."""
    return [
        {"apiGroups": [""], "resources": ["services", "serviceaccounts", "configmaps"], "verbs": [*_READ, *_WRITE]},
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": [*_READ, *_WRITE]},
        {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses"], "verbs": [*_READ, *_WRITE]},
        {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"], "verbs": [*_READ, *_WRITE]},
        {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": [*_READ, *_WRITE]},
        {"apiGroups": ["apps"], "resources": ["replicasets"], "verbs": _READ},
        {"apiGroups": [""], "resources": ["pods", "pods/log", "events"], "verbs": _READ},
    ]


def _binding(role: str, kind: str, subjects: Sequence[str], namespace: str, labels: Mapping[str, str]) -> Manifest:
    return _object(
        "rbac.authorization.k8s.io/v1", "RoleBinding", role, namespace, labels,
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role},
        subjects=[{"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": one} for one in subjects],
    )  # fmt: skip


def _pull_secret(registry: tuple[str, str, str], namespace: str, labels: Mapping[str, str]) -> Manifest:
    host, user, token = registry
    auth = base64.b64encode(f"{user}:{token}".encode()).decode()
    config = json.dumps({"auths": {host: {"username": user, "password": token, "auth": auth}}}, sort_keys=True)
    return _object(
        "v1", "Secret", "registry", namespace, labels,
        type="kubernetes.io/dockerconfigjson",
        data={".dockerconfigjson": base64.b64encode(config.encode()).decode()},
    )  # fmt: skip
