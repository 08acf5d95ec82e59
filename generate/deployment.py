"""The Deployment of a component, at the restricted Pod Security level.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from typing import Any

from generate.files import Placement, label_value
from generate.toolchains import memory
from stacks import Component

IMAGE = "__IMAGE__"
"""The pipeline replaces this with the image that it has just pushed."""

PRIVILEGED_BELOW = 1024
Manifest = dict[str, Any]


def deployment(component: Component, placement: Placement, secret: str) -> Manifest:
    """`secret` names the Secret whose values become environment variables; empty if there is none."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(component, placement),
        "spec": {
            "selector": {"matchLabels": {"app.kubernetes.io/name": component.name}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "progressDeadlineSeconds": 150,
            "template": {
                "metadata": {
                    "labels": _labels(component, placement),
                    "annotations": _annotations(component, placement),
                },
                "spec": {
                    "serviceAccountName": component.name,
                    "automountServiceAccountToken": False,
                    "enableServiceLinks": False,
                    "imagePullSecrets": [{"name": "registry"}],
                    "securityContext": _pod_security(component),
                    "containers": [_container(component, placement, secret)],
                    "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}],
                },
            },
        },
    }


def metadata(component: Component, placement: Placement) -> dict[str, Any]:
    """The metadata of each object that belongs to the component."""
    return {"name": component.name, "namespace": placement.namespace, "labels": _labels(component, placement)}


def _labels(component: Component, placement: Placement) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": component.name,
        "app.kubernetes.io/part-of": label_value(placement.repository.lower()),
        "app.kubernetes.io/managed-by": "onramp-pipeline",
        "onramp.dev/team": placement.team,
        "onramp.dev/repository": label_value(f"{placement.owner}.{placement.repository}"),
    }


def _annotations(component: Component, placement: Placement) -> dict[str, str]:
    """What the collectors of logs and metrics look for. Metrics only if the component exposes them: a target that
    answers 404 raises an alert."""
    annotations = dict(placement.log_annotations)
    if component.metrics_path:
        values = {"port": str(component.port), "path": component.metrics_path}
        annotations |= {name: text.format(**values) for name, text in placement.metrics_annotations.items()}
    return annotations


def _pod_security(component: Component) -> dict[str, Any]:
    context: dict[str, Any] = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    if component.port < PRIVILEGED_BELOW:  # a safe sysctl, so that a port below 1024 needs no root
        context["sysctls"] = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": str(component.port)}]
    return context


def _container(component: Component, placement: Placement, secret: str) -> dict[str, Any]:
    probe = _probe(component)
    request, limit = memory(component, placement)
    return {
        "name": component.name,
        "image": IMAGE,
        "ports": [{"name": "http", "containerPort": component.port}],
        "env": [{"name": "PORT", "value": str(component.port)}],
        **({"envFrom": [{"secretRef": {"name": secret, "optional": True}}]} if secret else {}),
        "startupProbe": {**probe, "periodSeconds": 2, "failureThreshold": 30},
        "readinessProbe": {**probe, "periodSeconds": 5},
        "livenessProbe": {**probe, "periodSeconds": 10, "failureThreshold": 3},
        "resources": {
            "requests": {"cpu": placement.cpu, "memory": request},
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


def _probe(component: Component) -> dict[str, Any]:
    """Requests the health path, or opens the port if no health path was found: many services have no start page."""
    if component.health_path == "/":
        return {"tcpSocket": {"port": "http"}}
    return {"httpGet": {"path": component.health_path, "port": "http"}}
