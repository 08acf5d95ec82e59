"""The Kubernetes objects of a component. The pipeline applies them from deploy/<component>/."""

from typing import Any

from generate.deployment import Manifest, deployment, metadata
from generate.files import File, Placement
from generate.yaml_text import dump
from stacks import Component

MAX_REPLICAS = 5


def settings_of(application: str) -> str:
    """The name of the Secret with the values of the application's variables. The Secret is in no repository: its values
    are entered by people with access to the namespace."""
    return f"{application}-settings"


def manifest_files(component: Component, placement: Placement) -> list[File]:
    """One file per object under deploy/<component>/."""
    secret = settings_of(component.name) if component.settings else ""
    objects = [
        ("deployment", deployment(component, placement, secret), "runs the pods and checks their health"),
        (
            "autoscaler",
            _autoscaler(component, placement),
            f"keeps {placement.replicas} to {max_replicas(placement)} pods, depending on CPU use and the team's quota",
        ),
        ("service", _service(component, placement), "gives the pods one name inside the cluster"),
        ("ingress", _ingress(component, placement), f"routes {placement.host_of(component.name)} to the pods"),
        (
            "disruption-budget",
            _budget(component, placement),
            "allows at most one pod to be down while nodes are replaced",
        ),
        ("service-account", _account(component, placement), "gives the pods an account without permissions"),
    ]
    return [File(f"deploy/{component.name}/{name}.yaml", "---\n" + dump(body), why) for name, body, why in objects]


def max_replicas(placement: Placement) -> int:
    return max(MAX_REPLICAS, placement.replicas)


def _autoscaler(component: Component, placement: Placement) -> Manifest:
    """The only object that sets the number of pods: a number in the Deployment would reset it with every commit."""
    cpu = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
    }
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata(component, placement),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": component.name},
            "minReplicas": placement.replicas,
            "maxReplicas": max_replicas(placement),
            "metrics": [cpu],
        },
    }


def _service(component: Component, placement: Placement) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(component, placement),
        "spec": {
            "selector": {"app.kubernetes.io/name": component.name},
            "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
        },
    }


def _ingress(component: Component, placement: Placement) -> Manifest:
    host = placement.host_of(component.name)
    backend = {"service": {"name": component.name, "port": {"name": "http"}}}
    path = {"path": placement.path_of(component.name), "pathType": "Prefix", "backend": backend}
    rule = {"host": host, "http": {"paths": [path]}}
    ingress_metadata = metadata(component, placement)
    spec: dict[str, Any] = {"rules": [rule]}
    if placement.address.startswith("https://") and placement.has_own_host:
        ingress_metadata["annotations"] = {"cert-manager.io/cluster-issuer": "default"}
        spec["tls"] = [{"hosts": [host], "secretName": f"{component.name}-tls"}]
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": ingress_metadata, "spec": spec}


def _budget(component: Component, placement: Placement) -> Manifest:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(component, placement),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app.kubernetes.io/name": component.name}}},
    }


def _account(component: Component, placement: Placement) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(component, placement),
        "automountServiceAccountToken": False,
    }
