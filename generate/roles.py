"""Permissions in a tenant namespace: of the tenant's people, and of the pipelines that deploy to it.

The cluster has them as ClusterRoles (deploy/target-cluster/roles.yaml), which Onramp may bind and cannot change.
"""

from typing import Any

TENANT_ROLE = "onramp-tenant"
DEPLOYER_ROLE = "onramp-deployer"
_READ = ["get", "list", "watch"]
_WRITE = ["create", "update", "patch", "delete"]


def tenant_rules() -> list[dict[str, Any]]:
    """A role of our own, because the built-in role `edit` would let a tenant delete the guard rails."""
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


def deployer_rules() -> list[dict[str, Any]]:
    """What a pipeline applies, and what it reads while it waits for the rollout."""
    return [
        {"apiGroups": [""], "resources": ["services", "serviceaccounts", "configmaps"], "verbs": [*_READ, *_WRITE]},
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": [*_READ, *_WRITE]},
        {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses"], "verbs": [*_READ, *_WRITE]},
        {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"], "verbs": [*_READ, *_WRITE]},
        {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": [*_READ, *_WRITE]},
        {"apiGroups": ["apps"], "resources": ["replicasets"], "verbs": _READ},
        {"apiGroups": [""], "resources": ["pods", "pods/log", "events"], "verbs": _READ},
    ]
