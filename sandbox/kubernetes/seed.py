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

# Onramp's permissions: create tenant namespaces and read what runs there. It can grant the two roles of a namespace, and
# write no role. In which namespaces it can do that is up to `policies`.
RULES = [
    {"apiGroups": [""], "resources": ["namespaces"], "verbs": _WRITE},
    {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "patch", "delete"]},
    {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": _WRITE},
    {"apiGroups": [RBAC], "resources": ["rolebindings"], "verbs": _WRITE},
    {
        "apiGroups": [RBAC],
        "resources": ["clusterroles"],
        "verbs": ["bind"],
        "resourceNames": ["onramp-tenant", "onramp-deployer"],
    },
    {"apiGroups": ["onramp.dev"], "resources": ["tenancies"], "verbs": ["label"]},
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


TENANT_RULES = [
    {
        "apiGroups": [""],
        "resources": [
            "pods",
            "pods/log",
            "services",
            "configmaps",
            "events",
            "serviceaccounts",
            "persistentvolumeclaims",
        ],
        "verbs": _READ,
    },
    {"apiGroups": [""], "resources": ["resourcequotas", "limitranges"], "verbs": _READ},
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["delete"]},
    {"apiGroups": [""], "resources": ["pods/exec", "pods/portforward"], "verbs": ["create"]},
    {"apiGroups": [""], "resources": ["secrets", "configmaps"], "verbs": ["create", "update", "patch", "delete"]},
    {
        "apiGroups": ["apps"],
        "resources": ["deployments", "replicasets", "deployments/scale"],
        "verbs": [*_READ, "update", "patch"],
    },
    {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses", "networkpolicies"], "verbs": _READ},
    {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"], "verbs": _READ},
    {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": _READ},
]
DEPLOYER_RULES = [
    {"apiGroups": [""], "resources": ["services", "serviceaccounts", "configmaps"], "verbs": _WRITE},
    {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": _WRITE},
    {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses"], "verbs": _WRITE},
    {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"], "verbs": _WRITE},
    {"apiGroups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": _WRITE},
    {"apiGroups": ["apps"], "resources": ["replicasets"], "verbs": _READ},
    {"apiGroups": [""], "resources": ["pods", "pods/log", "events"], "verbs": _READ},
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
    namespaces = [_namespace(name) for name in ("default", "kube-system", "onramp-access")]
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
        _role("onramp-tenant", TENANT_RULES),
        _role("onramp-deployer", DEPLOYER_RULES),
        _binding(),
    ]


def _role(name: str, rules: list[Body]) -> Body:
    return {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules}


def _binding() -> Body:
    role = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "onramp"}
    subjects = [{"kind": "ServiceAccount", "name": "onramp", "namespace": "onramp-access"}]
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "onramp"},
        "roleRef": role,
        "subjects": subjects,
    }
