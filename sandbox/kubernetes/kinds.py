"""The kinds that the pretend cluster serves, and the discovery documents that name them."""

from dataclasses import dataclass
from typing import Any

from kubernetes.client import models

VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
READ_ONLY = ["get", "list"]


@dataclass(frozen=True)
class Kind:
    """One served kind. `model` is the official client's class for it, from which its schema is read."""

    group: str
    version: str
    kind: str
    plural: str
    model: type[Any]
    namespaced: bool = True
    short: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    stored: bool = True  # access reviews are answered and forgotten

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """How an error names it: `pods`, `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified(self) -> str:
        """How a validation error names it: `Pod`, `Deployment.apps`."""
        return f"{self.kind}.{self.group}" if self.group else self.kind


RBAC = "rbac.authorization.k8s.io"
AUTHORIZATION = "authorization.k8s.io"

KINDS = (
    Kind("", "v1", "Namespace", "namespaces", models.V1Namespace, False, ("ns",), ("status", "finalize")),
    Kind(
        "", "v1", "ResourceQuota", "resourcequotas", models.V1ResourceQuota, short=("quota",), subresources=("status",)
    ),
    Kind("", "v1", "LimitRange", "limitranges", models.V1LimitRange, short=("limits",)),
    Kind("", "v1", "Secret", "secrets", models.V1Secret),
    Kind("", "v1", "ConfigMap", "configmaps", models.V1ConfigMap, short=("cm",)),
    Kind("", "v1", "ServiceAccount", "serviceaccounts", models.V1ServiceAccount, short=("sa",)),
    Kind("", "v1", "Service", "services", models.V1Service, short=("svc",), subresources=("status",)),
    Kind("", "v1", "Endpoints", "endpoints", models.V1Endpoints, short=("ep",)),
    Kind("", "v1", "Pod", "pods", models.V1Pod, short=("po",), subresources=("status", "log")),
    Kind("", "v1", "Event", "events", models.CoreV1Event, short=("ev",)),
    Kind("apps", "v1", "Deployment", "deployments", models.V1Deployment, short=("deploy",), subresources=("status",)),
    Kind("apps", "v1", "ReplicaSet", "replicasets", models.V1ReplicaSet, short=("rs",), subresources=("status",)),
    Kind("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", models.V1NetworkPolicy, short=("netpol",)),
    Kind("networking.k8s.io", "v1", "Ingress", "ingresses", models.V1Ingress, short=("ing",), subresources=("status",)),
    Kind(
        "autoscaling",
        "v2",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        models.V2HorizontalPodAutoscaler,
        short=("hpa",),
    ),
    Kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", models.V1PodDisruptionBudget, short=("pdb",)),
    Kind(RBAC, "v1", "Role", "roles", models.V1Role),
    Kind(RBAC, "v1", "RoleBinding", "rolebindings", models.V1RoleBinding),
    Kind(RBAC, "v1", "ClusterRole", "clusterroles", models.V1ClusterRole, False),
    Kind(RBAC, "v1", "ClusterRoleBinding", "clusterrolebindings", models.V1ClusterRoleBinding, False),
    Kind(
        AUTHORIZATION,
        "v1",
        "SelfSubjectAccessReview",
        "selfsubjectaccessreviews",
        models.V1SelfSubjectAccessReview,
        False,
        stored=False,
    ),
    Kind(
        AUTHORIZATION,
        "v1",
        "SubjectAccessReview",
        "subjectaccessreviews",
        models.V1SubjectAccessReview,
        False,
        stored=False,
    ),
    Kind(
        "authentication.k8s.io",
        "v1",
        "SelfSubjectReview",
        "selfsubjectreviews",
        models.V1SelfSubjectReview,
        False,
        stored=False,
    ),
)

_BY_PATH = {(kind.group, kind.version, kind.plural): kind for kind in KINDS}
_BY_NAME = {(kind.group, kind.kind): kind for kind in KINDS}
GROUPS = {kind.group: kind.version for kind in KINDS if kind.group}


def at(group: str, version: str, plural: str) -> Kind | None:
    """The kind served at this place of the API, or None."""
    return _BY_PATH.get((group, version, plural))


def named(kind: str, group: str = "") -> Kind:
    """The kind of this name. Raises KeyError for one that is not served."""
    return _BY_NAME[group, kind]


def group_list() -> dict[str, Any]:
    """What `/apis` answers (APIGroupList)."""
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(name) for name in GROUPS]}


def group(name: str) -> dict[str, Any]:
    """What `/apis/<group>` answers. Raises KeyError."""
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name)}


def _group(name: str) -> dict[str, Any]:
    version = {"groupVersion": f"{name}/{GROUPS[name]}", "version": GROUPS[name]}
    return {"name": name, "versions": [version], "preferredVersion": version}


def resource_list(group_name: str, version: str) -> dict[str, Any] | None:
    """What `/api/v1` and `/apis/<group>/<version>` answer (APIResourceList), or None."""
    served = [kind for kind in KINDS if (kind.group, kind.version) == (group_name, version)]
    if not served:
        return None
    resources = [entry for kind in served for entry in _resources(kind)]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": served[0].api_version,
        "resources": resources,
    }


def _resources(kind: Kind) -> list[dict[str, Any]]:
    described = {"singularName": kind.kind.lower(), "namespaced": kind.namespaced, "kind": kind.kind}
    main = {"name": kind.plural, **described, "verbs": VERBS if kind.stored else ["create"]}
    if kind.short:
        main["shortNames"] = list(kind.short)
    below = [
        {"name": f"{kind.plural}/{part}", **described, "singularName": "", "verbs": ["get"]}
        for part in kind.subresources
    ]
    return [main, *below]
