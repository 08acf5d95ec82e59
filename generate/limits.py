"""What a tenant namespace may hold besides what its applications were granted: sizes of containers, numbers of objects."""

from typing import Any

DEFAULT = {"cpu": "500m", "memory": "128Mi"}
DEFAULT_REQUEST = {"cpu": "50m", "memory": "64Mi"}
MAX = {"cpu": "4", "memory": "8Gi"}
MAX_LIMIT_REQUEST_RATIO = {"cpu": "10", "memory": "4"}
"""A limit far above its request takes what others were promised: only requests decide which node a pod gets."""

OBJECTS = {
    "services.nodeports": "0",
    "services.loadbalancers": "0",
    "count/services": "200",
    "count/secrets": "500",
    "count/configmaps": "500",
    "count/serviceaccounts": "200",
    "count/deployments.apps": "200",
    "count/replicasets.apps": "2500",
    "count/horizontalpodautoscalers.autoscaling": "200",
    "count/poddisruptionbudgets.policy": "200",
    "count/ingresses.networking.k8s.io": "200",
    "count/jobs.batch": "200",
    "count/cronjobs.batch": "100",
}
"""Far above what a team needs: they keep one team from filling the store that all teams share.
https://kubernetes.io/docs/concepts/policy/resource-quotas/"""


def limit_range() -> dict[str, Any]:
    """Small defaults for containers without requests and limits, because the quota would otherwise reject them, and the
    most that a container may have."""
    return {
        "limits": [
            {
                "type": "Container",
                "default": DEFAULT,
                "defaultRequest": DEFAULT_REQUEST,
                "max": MAX,
                "maxLimitRequestRatio": MAX_LIMIT_REQUEST_RATIO,
            }
        ]
    }


def no_system_priority() -> dict[str, Any]:
    """A quota of no pods in the classes that evict all others."""
    classes = ["system-node-critical", "system-cluster-critical"]
    scope = {"scopeName": "PriorityClass", "operator": "In", "values": classes}
    return {"hard": {"pods": "0"}, "scopeSelector": {"matchExpressions": [scope]}}
