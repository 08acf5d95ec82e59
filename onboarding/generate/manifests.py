"""Deployment, Service, Ingress and what belongs to them, at the restricted Pod Security level.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from typing import Any

from onboarding.generate.files import File, Placement, label_value
from onboarding.generate.text import dumped
from onboarding.generate.toolchains import memory
from onboarding.stacks import Component

IMAGE = "__IMAGE__"
"""The pipeline puts the image it has just pushed here."""

PRIVILEGED_BELOW = 1024
MOST_REPLICAS = 5
Manifest = dict[str, Any]


def settings_of(application: str) -> str:
    """The Secret that holds the values of its variables. It is in nobody's repository: who may write it, enters them."""
    return f"{application}-settings"


def manifest_files(one: Component, placement: Placement) -> list[File]:
    """One file per object under deploy/<component>/."""
    made = [
        (
            "deployment",
            _deployment(one, placement),
            "runs its pods and asks them whether they are well",
        ),
        (
            "autoscaler",
            _autoscaler(one, placement),
            f"keeps {placement.replicas} to {most_replicas(placement)} pods, by how busy they are and as far as the allowance goes",
        ),
        ("service", _service(one, placement), "gives the pods one name inside the cluster"),
        ("ingress", _ingress(one, placement), f"lets {placement.host_of(one.name)} reach them"),
        ("disruption-budget", _budget(one, placement), "keeps one pod while nodes are replaced"),
        ("service-account", _account(one, placement), "gives the pods an account without any right"),
    ]
    return [File(f"deploy/{one.name}/{name}.yaml", "---\n" + dumped(body), why) for name, body, why in made]


def _metadata(one: Component, placement: Placement) -> dict[str, Any]:
    return {"name": one.name, "namespace": placement.namespace, "labels": _labels(one, placement)}


def _labels(one: Component, placement: Placement) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": one.name,
        "app.kubernetes.io/part-of": label_value(placement.repository.lower()),
        "app.kubernetes.io/managed-by": "onramp-pipeline",
        "onramp.dev/team": placement.team,
        "onramp.dev/repository": label_value(f"{placement.owner}.{placement.repository}"),
    }


def _deployment(one: Component, placement: Placement) -> Manifest:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _metadata(one, placement),
        "spec": {
            "selector": {"matchLabels": {"app.kubernetes.io/name": one.name}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "progressDeadlineSeconds": 150,
            "template": {
                "metadata": {"labels": _labels(one, placement), "annotations": _annotations(one, placement)},
                "spec": {
                    "serviceAccountName": one.name,
                    "automountServiceAccountToken": False,
                    "enableServiceLinks": False,
                    "imagePullSecrets": [{"name": "registry"}],
                    "securityContext": _security(one),
                    "containers": [_container(one, placement)],
                    "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}],
                },
            },
        },
    }


def _annotations(one: Component, placement: Placement) -> dict[str, str]:
    """What collectors look for. Metrics only where the component exposes some: a target that answers 404 is an alarm."""
    found = {"co.elastic.logs/enabled": "true"} if placement.collect_logs else {}
    if one.metrics_path:
        found |= {
            "prometheus.io/scrape": "true",
            "prometheus.io/port": str(one.port),
            "prometheus.io/path": one.metrics_path,
        }
    return found


def _security(one: Component) -> dict[str, Any]:
    context: dict[str, Any] = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    if one.port < PRIVILEGED_BELOW:  # a safe sysctl, so that a port below 1024 needs no root
        context["sysctls"] = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": str(one.port)}]
    return context


def _probe(one: Component) -> dict[str, Any]:
    """Its health path; where none was found the open port, because many a service has no start page."""
    if one.health_path == "/":
        return {"tcpSocket": {"port": "http"}}
    return {"httpGet": {"path": one.health_path, "port": "http"}}


def _container(one: Component, placement: Placement) -> dict[str, Any]:
    probe = _probe(one)
    asked, limit = memory(one, placement)
    return {
        "name": one.name,
        "image": IMAGE,
        "ports": [{"name": "http", "containerPort": one.port}],
        "env": [{"name": "PORT", "value": str(one.port)}],
        **({"envFrom": [{"secretRef": {"name": settings_of(one.name), "optional": True}}]} if one.settings else {}),
        "startupProbe": {**probe, "periodSeconds": 2, "failureThreshold": 30},
        "readinessProbe": {**probe, "periodSeconds": 5},
        "livenessProbe": {**probe, "periodSeconds": 10, "failureThreshold": 3},
        "resources": {
            "requests": {"cpu": placement.cpu, "memory": asked},
            "limits": {"cpu": placement.cpu_limit, "memory": limit},
        },
        "securityContext": {
            "runAsUser": 10001,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - inside the container
    }


def _service(one: Component, placement: Placement) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(one, placement),
        "spec": {
            "selector": {"app.kubernetes.io/name": one.name},
            "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
        },
    }


def _ingress(one: Component, placement: Placement) -> Manifest:
    backend = {"service": {"name": one.name, "port": {"name": "http"}}}
    rule = {
        "host": placement.host_of(one.name),
        "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]},
    }
    metadata = _metadata(one, placement)
    spec: dict[str, Any] = {"rules": [rule]}
    if placement.address.startswith("https://"):
        metadata["annotations"] = {"cert-manager.io/cluster-issuer": "default"}
        spec["tls"] = [{"hosts": [rule["host"]], "secretName": f"{one.name}-tls"}]
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec}


def most_replicas(placement: Placement) -> int:
    return max(MOST_REPLICAS, placement.replicas)


def _autoscaler(one: Component, placement: Placement) -> Manifest:
    """It alone says how many pods there are: a number in the Deployment would undo its work with every commit."""
    busy = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
    }
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": _metadata(one, placement),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": one.name},
            "minReplicas": placement.replicas,
            "maxReplicas": most_replicas(placement),
            "metrics": [busy],
        },
    }


def _budget(one: Component, placement: Placement) -> Manifest:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": _metadata(one, placement),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app.kubernetes.io/name": one.name}}},
    }


def _account(one: Component, placement: Placement) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": _metadata(one, placement),
        "automountServiceAccountToken": False,
    }
