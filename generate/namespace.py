"""A tenant namespace as manifests: the namespace and the guard rails that its tenant cannot change.

The policies in deploy/target-cluster hold in every namespace with the label onramp.dev/team.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from generate import limits, network
from generate.roles import DEPLOYER_ROLE, TENANT_ROLE

Manifest = dict[str, Any]
QUOTA = "onramp"
"""The name of the ResourceQuota that holds what the team's applications were granted."""
ADDRESS = "onramp.dev/address"
"""The annotation with the target's pattern of addresses: which hosts and paths the Ingresses of the namespace may claim."""
_OWNED = {"app.kubernetes.io/managed-by": "onramp"}


def objects(
    *,
    team: str,
    namespace: str,
    quota: Mapping[str, str],
    deployers: Sequence[str],
    sso_group: str,
    registry: tuple[str, str, str] | None,
    address: str,
    cluster_url: str,
    egress: Sequence[Mapping[str, Any]] = (),
) -> list[Manifest]:
    """All objects, in an order in which they can be applied. `registry` is (host, user, token) for pulling images,
    `address` the target's pattern with {application} and {namespace}, `egress` what pods may reach besides the internet."""
    labels = _OWNED | {"onramp.dev/team": team}
    manifests = [
        _namespace(namespace, labels, address),
        _object("v1", "ResourceQuota", QUOTA, namespace, labels, spec={"hard": {**limits.OBJECTS, **quota}}),
        _object("v1", "ResourceQuota", "onramp-priority", namespace, labels, spec=limits.no_system_priority()),
        _object("v1", "LimitRange", "onramp", namespace, labels, spec=limits.limit_range()),
        *_policies(namespace, labels, egress, cluster_url),
        _object("v1", "ServiceAccount", "default", namespace, labels, automountServiceAccountToken=False),
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


def _namespace(name: str, labels: Mapping[str, str], address: str) -> Manifest:
    levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    metadata = {"name": name, "labels": {**labels, **levels}, "annotations": {ADDRESS: address}}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def _policies(
    namespace: str, labels: Mapping[str, str], egress: Sequence[Mapping[str, Any]], cluster_url: str
) -> list[Manifest]:
    return [
        _object("networking.k8s.io/v1", "NetworkPolicy", name, namespace, labels, spec=spec)
        for name, spec in network.policies(egress, cluster_url).items()
    ]


def _binding(role: str, kind: str, subjects: Sequence[str], namespace: str, labels: Mapping[str, str]) -> Manifest:
    """The role is the cluster's: a right to write bindings is none to change what they grant."""
    return _object(
        "rbac.authorization.k8s.io/v1", "RoleBinding", role, namespace, labels,
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
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
