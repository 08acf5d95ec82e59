"""The initial content of the cluster: namespaces, the teams' allowances, roles and bindings."""

from typing import Any

from sandbox.kubernetes import store, writing
from sandbox.kubernetes.authentication import ADMINISTRATORS, User
from sandbox.kubernetes.authorization import ALLOWANCES
from sandbox.kubernetes.kinds import RBAC, named

Body = dict[str, Any]
PLATFORM = User("platform", (ADMINISTRATORS,))
INITIAL_ALLOWANCES = {
    "acme-storefront": {
        "requests.cpu": "1",
        "requests.memory": "1Gi",
        "pods": "10",
    },  # too small for all of its sample repositories
    "acme-payments": {"requests.cpu": "2", "requests.memory": "2Gi", "pods": "20"},
    "acme-platform": {"requests.cpu": "8", "requests.memory": "16Gi", "pods": "80"},
}
_WRITE = ["get", "list", "watch", "create", "patch", "update", "delete"]
_READ = ["get", "list", "watch"]
_LIMITS_AND_ACCOUNTS = ["resourcequotas", "limitranges", "serviceaccounts"]

# Onramp's permissions: create tenant namespaces and read what runs there. It can grant permissions that it does not
# have (`bind`, `escalate`), because a tenant's deployer writes Deployments and Onramp does not. It has only read access
# to the namespace of the allowances; see `authorization.READ_ONLY`.
RULES = [
    {"apiGroups": [""], "resources": ["namespaces"], "verbs": _WRITE},
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "create", "patch", "delete"]},
    {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": _WRITE},
    {"apiGroups": [RBAC], "resources": ["roles", "rolebindings"], "verbs": [*_WRITE, "bind", "escalate"]},
    {"apiGroups": [RBAC], "resources": ["clusterroles"], "verbs": [*_READ, "bind"]},
    {"apiGroups": [""], "resources": _LIMITS_AND_ACCOUNTS, "verbs": _WRITE},
    {
        "apiGroups": [""],
        "resources": ["pods", "pods/log", "services", "events", "configmaps", "endpoints"],
        "verbs": _READ,
    },
    {
        "apiGroups": [""],
        "resources": ["pods"],
        "verbs": ["create", "patch"],
    },  # the dry run of a pod, to check the quota
    {"apiGroups": ["apps"], "resources": ["deployments", "replicasets"], "verbs": _READ},
    {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses"], "verbs": _READ},
    {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": _READ},
    {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"], "verbs": _READ},
    {"apiGroups": ["authorization.k8s.io"], "resources": ["subjectaccessreviews"], "verbs": ["create"]},
]


def fill() -> None:
    """Apply the missing objects as user `platform`. Existing ones are left unchanged."""
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
        _namespace("acme-payments", {"onramp.dev/team": "acme-payments"}),
    ]
    return [*namespaces, *(_allowance(team, hard) for team, hard in INITIAL_ALLOWANCES.items()), *_permissions()]


def _namespace(name: str, labels: dict[str, str] | None = None) -> Body:
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, **({"labels": labels} if labels else {})},
    }


def _allowance(team: str, hard: dict[str, str]) -> Body:
    metadata = {"name": team, "namespace": ALLOWANCES, "labels": {"onramp.dev/team": team}}
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {"hard": hard}}


def _permissions() -> list[Body]:
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
