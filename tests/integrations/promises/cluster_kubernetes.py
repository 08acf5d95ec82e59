"""https://kubernetes.io/docs/reference/using-api/api-concepts/; the same messages as in test_cluster.py."""

from typing import Any

from integrations.cluster import Cluster, Workload
from tests.integrations.answering import Answer
from tests.integrations.promises import Case, Row

ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "deployer", "namespace": "shop"}}


def stored(manager: str = "onramp") -> dict[str, Any]:
    metadata = {"uid": "1", "resourceVersion": "2", "managedFields": [{"manager": manager, "operation": "Apply"}]}
    return {**ACCOUNT, "metadata": {"name": "deployer", "namespace": "shop", **metadata}}


def status(code: int, reason: str, message: str, **headers: str) -> Answer:
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }
    return Answer(body, code, {name.replace("_", "-"): value for name, value in headers.items()})


def _reason(workload: Workload | None) -> str:
    return workload.reason if workload and workload.message else ""


REVIEW = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
ACCESS = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "status": {"allowed": True}}
LABELS = {"app": "web"}
CONTAINER = {"name": "web", "image": "registry.example/web:1"}
DEPLOYMENT = {
    "metadata": {"name": "web", "uid": "d", "generation": 2},
    "spec": {"replicas": 1, "selector": {"matchLabels": LABELS}, "template": {"spec": {"containers": [CONTAINER]}}},
    "status": {
        "observedGeneration": 2,
        "replicas": 1,
        "updatedReplicas": 1,
        "readyReplicas": 0,
        "conditions": [{"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}],
    },
}
REPLICA_SET = {
    "metadata": {
        "name": "web-1",
        "uid": "r",
        "annotations": {"deployment.kubernetes.io/revision": "1"},
        "ownerReferences": [{"uid": "d", "controller": True}],
    }
}
POD = {
    "metadata": {"name": "web-1-2", "ownerReferences": [{"uid": "r", "controller": True}]},
    "status": {
        "conditions": [{"type": "Ready", "status": "False"}],
        "containerStatuses": [
            {
                "name": "web",
                "image": "registry.example/web:1",
                "imageID": f"registry.example/web@sha256:{'0' * 64}",
                "restartCount": 3,
                "ready": False,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}},
                "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}},
            }
        ],
    },
}
WORKLOAD = {
    "GET /apis/apps/v1/namespaces/shop/deployments": Answer(DEPLOYMENT),
    "GET /apis/apps/v1/namespaces/shop/replicasets": Answer({"metadata": {}, "items": [REPLICA_SET]}),
    "GET /api/v1/namespaces/shop/pods": Answer({"metadata": {}, "items": [POD]}),
}
EVENT = {
    "metadata": {"name": "web.1", "creationTimestamp": "2026-01-01T00:00:00Z"},
    "involvedObject": {"kind": "ReplicaSet", "name": "web-1"},
    "type": "Warning",
    "reason": "FailedCreate",
    "message": "exceeded quota",
    "lastTimestamp": "2026-01-01T00:00:00Z",
    "count": 2,
}
NOT_FOUND = status(404, "NotFound", 'serviceaccounts "deployer" not found')
CONFLICT = status(409, "Conflict", 'Apply failed with 1 conflict: conflict with "platform": .metadata.labels.tier')
ROW: Row[Cluster] = Row(
    options=lambda url: {"api_url": url},
    ready=Answer({**REVIEW, "status": {"userInfo": {"username": "onramp"}}}, 201),
    denied=(status(401, "Unauthorized", "Unauthorized"),),
    rate_limited=status(429, "TooManyRequests", "Too many requests, please try again later.", Retry_After="1"),
    retry_after=1,
    reads=(
        Case(
            lambda cluster: [(event.name, event.times) for event in cluster.events("shop")],
            Answer({"kind": "EventList", "apiVersion": "v1", "metadata": {}, "items": [EVENT]}),
            [("web-1", 2)],
        ),
        Case(lambda cluster: _reason(cluster.workload("shop", "web")), WORKLOAD, "CrashLoopBackOff"),
        Case(lambda cluster: cluster.may("create", "Pod", "shop"), Answer(ACCESS, 201), True),
    ),
    change=Case(lambda cluster: cluster.apply(ACCOUNT).uid, Answer(stored(), 201), "1"),
    missing=(
        Case(lambda cluster: cluster.get("ServiceAccount", "shop", "deployer"), NOT_FOUND, None),
        Case(lambda cluster: cluster.workload("shop", "web"), NOT_FOUND, None),
        Case(lambda cluster: cluster.secret_keys("shop", "web"), NOT_FOUND, frozenset()),
    ),
    raises_missing=(
        Case(lambda cluster: cluster.logs("shop", "web"), status(404, "NotFound", 'pods "web" not found')),
        Case(lambda cluster: cluster.apply(ACCOUNT), status(404, "NotFound", 'namespaces "shop" not found')),
    ),
    conflict=(
        Case(lambda cluster: cluster.apply(ACCOUNT), CONFLICT),
        Case(lambda cluster: cluster.delete("ServiceAccount", "shop", "deployer"), Answer(stored("platform"))),
        Case(lambda cluster: cluster.delete_secret("shop", "deployer"), Answer(stored())),
    ),
    repeated=(
        Case(lambda cluster: cluster.apply(ACCOUNT).created, Answer(stored()), False),
        Case(lambda cluster: cluster.delete("ServiceAccount", "shop", "deployer"), NOT_FOUND),
        Case(
            lambda cluster: cluster.delete("ServiceAccount", "shop", "deployer"),
            {"GET": Answer(stored()), "DELETE": NOT_FOUND},
        ),
    ),
)
