"""A FIAAS application. https://github.com/fiaas/fiaas-deploy-daemon/blob/master/docs/v3_spec.md"""

from typing import Any

from generate.files import File, Placement, below
from generate.manifests import max_replicas
from generate.toolchains import memory
from generate.yaml_text import dump
from stacks import Component

PATH = "fiaas.yml"


def fiaas_file(component: Component, placement: Placement) -> File:
    """The application's file in the component's folder."""
    text = "---\n" + dump(_application(component, placement))
    return File(below(component.root, PATH), text, f"tells FIAAS how to run {component.name}")


def _application(component: Component, placement: Placement) -> dict[str, Any]:
    request, limit = memory(component, placement)
    return {
        "version": 3,
        "replicas": {
            "minimum": placement.replicas,
            "maximum": max_replicas(placement),
            "cpu_threshold_percentage": 80,
        },
        "ports": [{"protocol": "http", "name": "http", "port": 80, "target_port": component.port}],
        "healthchecks": {"liveness": _check(component), "readiness": _check(component)},
        "resources": {
            "requests": {"cpu": placement.cpu, "memory": request},
            "limits": {"cpu": placement.cpu_limit, "memory": limit},
        },
        "metrics": {"prometheus": _prometheus(component)},
        "ingress": [
            {
                "host": placement.host_of(component.name),
                "paths": [{"path": placement.path_of(component.name), "port": "http"}],
            }
        ],
        "secrets_in_environment": bool(component.settings),
    }


def _prometheus(component: Component) -> dict[str, Any]:
    """The port goes by its name: FIAAS silently drops metrics whose port is a number."""
    return {"enabled": bool(component.metrics_path), "port": "http", "path": component.metrics_path or "/metrics"}


def _check(component: Component) -> dict[str, Any]:
    """Requests the health path, or opens the port if no health path was found: many services have no start page."""
    if component.health_path == "/":
        return {"tcp": {"port": "http"}}
    return {"http": {"path": component.health_path, "port": "http"}}
