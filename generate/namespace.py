"""A tenant namespace as manifests: the namespace and the guard rails that its tenant cannot change."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from generate.roles import DEPLOYER_ROLE, TENANT_ROLE, deployer_rules, tenant_rules

Manifest = dict[str, Any]
_OWNED = {"app.kubernetes.io/managed-by": "onramp"}


def objects(
    *,
    team: str,
    namespace: str,
    quota: Mapping[str, str],
    deployers: Sequence[str],
    sso_group: str,
    registry: tuple[str, str, str] | None,
) -> list[Manifest]:
    """All objects, in an order in which they can be applied. `registry` is (host, user, token) for pulling images."""
    labels = _OWNED | {"onramp.dev/team": team}
    manifests = [
        _namespace(namespace, labels),
        _object("v1", "ResourceQuota", "onramp", namespace, labels, spec={"hard": dict(quota)}),
        _object("v1", "LimitRange", "onramp", namespace, labels, spec=_limits()),
        *_policies(namespace, labels),
        _object("rbac.authorization.k8s.io/v1", "Role", TENANT_ROLE, namespace, labels, rules=tenant_rules()),
        _object("rbac.authorization.k8s.io/v1", "Role", DEPLOYER_ROLE, namespace, labels, rules=deployer_rules()),
        _binding(DEPLOYER_ROLE, "User", deployers, namespace, labels),
    ]
    if sso_group:
        manifests.append(_binding(TENANT_ROLE, "Group", [sso_group], namespace, labels))
    if registry is not None:
        manifests.append(_pull_secret(registry, namespace, labels))
    return manifests


def _object(version: str, kind: str, name: str, namespace: str, labels: Mapping[str, str], **body: Any) -> Manifest:
    metadata = {"name": name, "namespace": namespace, "labels": dict(labels)}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **body}


def _namespace(name: str, labels: Mapping[str, str]) -> Manifest:
    levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {**labels, **levels}}}


def _limits() -> dict[str, Any]:
    """Small defaults for containers without requests and limits, because the quota would otherwise reject them."""
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
    """Allows DNS, HTTPS to the outside, traffic inside the namespace, and traffic from the platform to applications.
    Everything else is denied in both directions."""
    version, kind = "networking.k8s.io/v1", "NetworkPolicy"
    all_pods: dict[str, Any] = {"podSelector": {}}
    dns = {
        "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}],
        "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
    }
    # Link-local addresses are excluded: a node's metadata service hands out the node's credentials there.
    outside = [
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}},
        {"ipBlock": {"cidr": "::/0", "except": ["fe80::/10"]}},
    ]
    https = {"to": outside, "ports": [{"protocol": "TCP", "port": 443}]}
    siblings: list[dict[str, Any]] = [{"podSelector": {}}]
    platform = [{"namespaceSelector": {"matchLabels": {"onramp.dev/reaches-applications": "true"}}}]
    deny = {**all_pods, "policyTypes": ["Ingress", "Egress"]}
    return [
        _object(version, kind, "default-deny", namespace, labels, spec=deny),
        _object(
            version, kind, "allow-egress", namespace, labels,
            spec={**all_pods, "policyTypes": ["Egress"], "egress": [dns, https, {"to": siblings}]},
        ),
        _object(
            version, kind, "allow-ingress", namespace, labels,
            spec={**all_pods, "policyTypes": ["Ingress"], "ingress": [{"from": siblings + platform}]},
        ),
    ]  # fmt: skip


def _binding(role: str, kind: str, subjects: Sequence[str], namespace: str, labels: Mapping[str, str]) -> Manifest:
    return _object(
        "rbac.authorization.k8s.io/v1", "RoleBinding", role, namespace, labels,
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role},
        subjects=[{"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name} for name in subjects],
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
