"""The kinds of objects that Onramp handles, and the paths at which the API serves them.

https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
"""

from dataclasses import dataclass
from urllib.parse import quote

from integrations.cluster import Manifest
from integrations.cluster.kubernetes_client import PROVIDER
from integrations.errors import Invalid


@dataclass(frozen=True)
class Resource:
    """The API resource of a kind."""

    group: str
    version: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


RBAC = "rbac.authorization.k8s.io"
RESOURCES = {
    "Namespace": Resource("", "v1", "namespaces", namespaced=False),
    "ResourceQuota": Resource("", "v1", "resourcequotas"),
    "LimitRange": Resource("", "v1", "limitranges"),
    "User": Resource("", "v1", "users", namespaced=False),  # only to be impersonated, as is Group
    "Group": Resource("", "v1", "groups", namespaced=False),
    "Secret": Resource("", "v1", "secrets"),
    "ConfigMap": Resource("", "v1", "configmaps"),
    "ServiceAccount": Resource("", "v1", "serviceaccounts"),
    "Service": Resource("", "v1", "services"),
    "Pod": Resource("", "v1", "pods"),
    "Event": Resource("", "v1", "events"),
    "Deployment": Resource("apps", "v1", "deployments"),
    "ReplicaSet": Resource("apps", "v1", "replicasets"),
    "NetworkPolicy": Resource("networking.k8s.io", "v1", "networkpolicies"),
    "Ingress": Resource("networking.k8s.io", "v1", "ingresses"),
    "HorizontalPodAutoscaler": Resource("autoscaling", "v2", "horizontalpodautoscalers"),
    "PodDisruptionBudget": Resource("policy", "v1", "poddisruptionbudgets"),
    "Role": Resource(RBAC, "v1", "roles"),
    "RoleBinding": Resource(RBAC, "v1", "rolebindings"),
    "ClusterRole": Resource(RBAC, "v1", "clusterroles", namespaced=False),
    "ClusterRoleBinding": Resource(RBAC, "v1", "clusterrolebindings", namespaced=False),
}


def resource(kind: str) -> Resource:
    """Raises Invalid for a kind that Onramp does not handle."""
    if kind not in RESOURCES:
        raise Invalid(PROVIDER, f"Onramp does not handle {kind or 'an object without a kind'}")
    return RESOURCES[kind]


def path(kind: str, namespace: str | None, name: str = "") -> str:
    """The path of an object, or of all objects of the kind. Raises Invalid as `resource` does."""
    served = resource(kind)
    root = f"/apis/{served.api_version}" if served.group else f"/api/{served.version}"
    within = f"/namespaces/{quote(namespace, safe='')}" if served.namespaced and namespace else ""
    return f"{root}{within}/{served.plural}" + (f"/{quote(name, safe='')}" if name else "")


def path_of(manifest: Manifest) -> str:
    """Raises Invalid for an object without a name."""
    kind, metadata = manifest.get("kind", ""), manifest.get("metadata") or {}
    if not metadata.get("name"):
        raise Invalid(PROVIDER, f"{kind or 'an object'} has no name")
    return path(kind, metadata.get("namespace", ""), metadata["name"])
