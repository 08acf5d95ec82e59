"""The kinds that the simulated cluster serves, and its discovery documents."""

from dataclasses import dataclass
from typing import Any

from kubernetes.client import models

VERSION = "v1"
VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]
IRREGULAR = {"NetworkPolicy": "networkpolicies", "Ingress": "ingresses"}


@dataclass(frozen=True)
class Kind:
    """A served kind. `model` is the official client's class for it, which defines its schema."""

    group: str
    kind: str
    model: type[Any]
    namespaced: bool = True
    stored: bool = True  # access reviews are answered but not stored
    version: str = VERSION

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def plural(self) -> str:
        return IRREGULAR.get(self.kind, f"{self.kind.lower()}s")

    @property
    def resource(self) -> str:
        """The name in most errors: `pods`, `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified(self) -> str:
        """The name in validation errors: `Pod`, `Deployment.apps`."""
        return f"{self.kind}.{self.group}" if self.group else self.kind


RBAC = "rbac.authorization.k8s.io"
NETWORKING = "networking.k8s.io"
AUTHORIZATION = "authorization.k8s.io"
AUTHENTICATION = "authentication.k8s.io"

KINDS = (
    Kind("", "Namespace", models.V1Namespace, namespaced=False),
    Kind("", "ResourceQuota", models.V1ResourceQuota),
    Kind("", "LimitRange", models.V1LimitRange),
    Kind("", "Secret", models.V1Secret),
    Kind("", "ConfigMap", models.V1ConfigMap),
    Kind("", "ServiceAccount", models.V1ServiceAccount),
    Kind("", "Service", models.V1Service),
    Kind("", "Pod", models.V1Pod),
    Kind("", "Event", models.CoreV1Event),
    Kind("apps", "Deployment", models.V1Deployment),
    Kind("apps", "ReplicaSet", models.V1ReplicaSet),
    Kind(NETWORKING, "NetworkPolicy", models.V1NetworkPolicy),
    Kind(NETWORKING, "Ingress", models.V1Ingress),
    Kind("policy", "PodDisruptionBudget", models.V1PodDisruptionBudget),
    Kind("autoscaling", "HorizontalPodAutoscaler", models.V2HorizontalPodAutoscaler, version="v2"),
    Kind(RBAC, "Role", models.V1Role),
    Kind(RBAC, "RoleBinding", models.V1RoleBinding),
    Kind(RBAC, "ClusterRole", models.V1ClusterRole, namespaced=False),
    Kind(RBAC, "ClusterRoleBinding", models.V1ClusterRoleBinding, namespaced=False),
    Kind(AUTHORIZATION, "SelfSubjectAccessReview", models.V1SelfSubjectAccessReview, namespaced=False, stored=False),
    Kind(AUTHORIZATION, "SubjectAccessReview", models.V1SubjectAccessReview, namespaced=False, stored=False),
    Kind(AUTHENTICATION, "SelfSubjectReview", models.V1SelfSubjectReview, namespaced=False, stored=False),
)

_BY_PATH = {(kind.group, kind.plural): kind for kind in KINDS}
_BY_NAME = {(kind.group, kind.kind): kind for kind in KINDS}
GROUPS = tuple(dict.fromkeys(kind.group for kind in KINDS if kind.group))


def at(group: str, version: str, plural: str) -> Kind | None:
    """The kind served at this path of the API, or None."""
    kind = _BY_PATH.get((group, plural))
    return kind if kind is not None and kind.version == version else None


def named(kind: str, group: str = "") -> Kind:
    """The kind with this name. Raises KeyError if it is not served."""
    return _BY_NAME[group, kind]


def group_list() -> dict[str, Any]:
    """The response of `/apis` (APIGroupList)."""
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(name) for name in GROUPS]}


def _group(name: str) -> dict[str, Any]:
    served = next(kind.version for kind in KINDS if kind.group == name)
    version = {"groupVersion": f"{name}/{served}", "version": served}
    return {"name": name, "versions": [version], "preferredVersion": version}


def resource_list(group: str, version: str) -> dict[str, Any] | None:
    """The response of `/api/v1` and `/apis/<group>/<version>` (APIResourceList), or None."""
    served = [kind for kind in KINDS if (kind.group, kind.version) == (group, version)]
    if not served:
        return None
    resources = [entry for kind in served for entry in _resources(kind)]
    head = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": served[0].api_version}
    return {**head, "resources": resources}


def _resources(kind: Kind) -> list[dict[str, Any]]:
    common = {"singularName": kind.kind.lower(), "namespaced": kind.namespaced, "kind": kind.kind}
    main = {"name": kind.plural, **common, "verbs": VERBS if kind.stored else ["create"]}
    return [main, {"name": "pods/log", **common, "verbs": ["get"]}] if kind.kind == "Pod" else [main]
