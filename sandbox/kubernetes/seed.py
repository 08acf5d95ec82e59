"""What the cluster holds on its first day: namespaces, the teams' allowances, and who may do what."""

from typing import Any

from sandbox.kubernetes import store, writing
from sandbox.kubernetes.authentication import ADMINISTRATORS, User
from sandbox.kubernetes.authorization import ALLOWANCES
from sandbox.kubernetes.kinds import RBAC, named

Body = dict[str, Any]
PLATFORM = User("platform", (ADMINISTRATORS,))
ALLOWANCE = {
    "storefront": {"requests.cpu": "1", "requests.memory": "1Gi", "pods": "10"},  # too small for all its samples
    "payments": {"requests.cpu": "2", "requests.memory": "2Gi", "pods": "20"},
    "platform": {"requests.cpu": "8", "requests.memory": "16Gi", "pods": "80"},
}
_WRITE = ["get", "list", "watch", "create", "patch", "update", "delete"]
_READ = ["get", "list", "watch"]
_ROOMS = ["resourcequotas", "limitranges", "serviceaccounts"]

# What Onramp may do: make rooms and look on. It may grant what it does not hold itself, because a tenant's deployer
# writes Deployments and it does not. In the namespace of the allowances it only reads: `authorization.READ_ONLY`.
RULES = [
    {"apiGroups": [""], "resources": ["namespaces"], "verbs": _WRITE},
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "create", "patch", "delete"]},
    {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": _WRITE},
    {"apiGroups": [RBAC], "resources": ["roles", "rolebindings"], "verbs": [*_WRITE, "bind", "escalate"]},
    {"apiGroups": [RBAC], "resources": ["clusterroles"], "verbs": [*_READ, "bind"]},
    {"apiGroups": [""], "resources": _ROOMS, "verbs": _WRITE},
    {
        "apiGroups": [""],
        "resources": ["pods", "pods/log", "services", "events", "configmaps", "endpoints"],
        "verbs": _READ,
    },
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["create", "patch"]},  # the dry run of a pod, against quota
    {"apiGroups": ["apps"], "resources": ["deployments", "replicasets"], "verbs": _READ},
    {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses"], "verbs": _READ},
    {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": _READ},
    {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"], "verbs": _READ},
    {"apiGroups": ["authorization.k8s.io"], "resources": ["subjectaccessreviews"], "verbs": ["create"]},
]


def fill() -> None:
    """Applies what is not there yet, as user platform; what people changed since stays as they left it."""
    for body in _objects():
        kind = named(body["kind"], body["apiVersion"].rpartition("/")[0] if "/" in body["apiVersion"] else "")
        metadata = body["metadata"]
        namespace = metadata.get("namespace", "")
        if store.find(kind, namespace, metadata["name"]) is None:
            writing.server_side_apply(writing.Write(PLATFORM, kind, namespace, metadata["name"], "platform"), body)


def _objects() -> list[Body]:
    namespaces = [_namespace(name) for name in ("default", "kube-system")]
    namespaces += [
        _namespace(ALLOWANCES, {"onramp.dev/purpose": "allowances"}),
        _namespace("payments", {"onramp.dev/team": "payments"}),
    ]
    return [*namespaces, *(_allowance(team, hard) for team, hard in ALLOWANCE.items()), *_rights()]


def _namespace(name: str, labels: dict[str, str] | None = None) -> Body:
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, **({"labels": labels} if labels else {})},
    }


def _allowance(team: str, hard: dict[str, str]) -> Body:
    metadata = {"name": team, "namespace": ALLOWANCES, "labels": {"onramp.dev/team": team}}
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {"hard": hard}}


def _rights() -> list[Body]:
    return [
        _role("cluster-admin", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]),
        _role("onramp", RULES),
        _binding(),
    ]


def _role(name: str, rules: list[Body]) -> Body:
    return {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules}


def _binding() -> Body:
    role = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "onramp"}
    subjects = [{"apiGroup": RBAC, "kind": "User", "name": "onramp"}]
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "onramp"},
        "roleRef": role,
        "subjects": subjects,
    }
