"""A FIAAS application. https://github.com/fiaas/fiaas-deploy-daemon/blob/master/docs/v3_spec.md"""

from typing import Any

from onboarding.generate.files import File, Placement, below
from onboarding.generate.manifests import most_replicas
from onboarding.generate.text import dumped
from onboarding.generate.toolchains import memory
from onboarding.stacks import Component

PATH = "fiaas.yml"


def fiaas_file(one: Component, placement: Placement) -> File:
    """The application's own file. Metrics name the port by its name: with a number FIAAS drops them without a word."""
    path = below(one.root, PATH)
    return File(path, "---\n" + dumped(_application(one, placement)), f"tells FIAAS how {one.name} runs")


def _application(one: Component, placement: Placement) -> dict[str, Any]:
    asked, most = memory(one, placement)
    document: dict[str, Any] = {
        "version": 3,
        "replicas": {
            "minimum": placement.replicas,
            "maximum": most_replicas(placement),
            "cpu_threshold_percentage": 80,
        },
        "ports": [{"protocol": "http", "name": "http", "port": 80, "target_port": one.port}],
        "healthchecks": {"liveness": _check(one), "readiness": _check(one)},
        "resources": {
            "requests": {"cpu": placement.cpu, "memory": asked},
            "limits": {"cpu": placement.cpu_limit, "memory": most},
        },
        "metrics": {
            "prometheus": {"enabled": bool(one.metrics_path), "port": "http", "path": one.metrics_path or "/metrics"}
        },
        "ingress": [{"host": placement.host_of(one.name), "paths": [{"path": "/", "port": "http"}]}],
        "secrets_in_environment": bool(one.settings),
    }
    return document


def _check(one: Component) -> dict[str, Any]:
    """Its health path; where none was found the open port, because many a service has no start page."""
    return {"tcp": {"port": "http"}} if one.health_path == "/" else {"http": {"path": one.health_path, "port": "http"}}
