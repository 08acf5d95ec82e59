"""Rules of the API server for the kinds of objects that pipelines apply."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import patterns
from generate import quantity

Manifest = dict[str, Any]
KINDS = {
    "Deployment": "apps/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "Service": "v1",
    "Ingress": "networking.k8s.io/v1",
    "PodDisruptionBudget": "policy/v1",
    "ServiceAccount": "v1",
}
_LABEL = patterns.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_MAX_HOST = 253
_HOST = patterns.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_VALUE = patterns.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")


def violations(manifest: Manifest, pods: Sequence[Mapping[str, Any]], services: set[str]) -> Iterator[str]:
    """The rules that a manifest breaks, one message each. `pods` are the labels of all pods, `services` the names of
    all Services that it is applied with."""
    yield from _identity(manifest)
    spec = table_at(manifest, "spec")
    match manifest.get("kind"):
        case "Deployment":
            yield from _deployment(spec)
        case "Service":
            yield from _selector(table_at(spec, "selector"), pods)
        case "PodDisruptionBudget":
            yield from _selector(table_at(spec, "selector", "matchLabels"), pods)
        case "HorizontalPodAutoscaler":
            yield from _autoscaler(spec)
        case "Ingress":
            yield from _ingress(spec, services)


def table_at(value: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """The mapping at this path, or an empty one."""
    for name in names:
        inner = value.get(name)
        value = inner if isinstance(inner, Mapping) else {}
    return value


def _identity(manifest: Manifest) -> Iterator[str]:
    kind, metadata = str(manifest.get("kind", "")), table_at(manifest, "metadata")
    if KINDS.get(kind) != manifest.get("apiVersion"):
        yield f"{manifest.get('apiVersion')} {kind} is not a kind that pipelines apply"
    if not _LABEL.fullmatch(str(metadata.get("name", ""))):
        yield "its name is not a DNS label"
    for name, value in table_at(manifest, "metadata", "labels").items():
        if not _VALUE.fullmatch(str(value)):
            yield f"{value!r} is not a valid value of the label {name}"


def _deployment(spec: Mapping[str, Any]) -> Iterator[str]:
    labels = table_at(spec, "template", "metadata", "labels")
    yield from _selector(table_at(spec, "selector", "matchLabels"), [labels])
    for container in _tables(table_at(spec, "template", "spec").get("containers")):
        resources = table_at(container, "resources")
        for text in (text for name in resources for text in table_at(resources, name).values()):
            try:
                quantity.parse(text)
            except quantity.NotAQuantity as error:
                yield str(error)
        for port in _tables(container.get("ports")):
            if port.get("containerPort") not in range(1, 65536):
                yield f"{port.get('containerPort')!r} is not a port"


def _selector(selector: Mapping[str, Any], pods: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    if not selector or not any(selector.items() <= labels.items() for labels in pods):
        yield "its selector does not match its pods"


def _autoscaler(spec: Mapping[str, Any]) -> Iterator[str]:
    minimum, maximum = spec.get("minReplicas"), spec.get("maxReplicas")
    if not isinstance(minimum, int) or not isinstance(maximum, int) or not 1 <= minimum <= maximum:
        yield f"{minimum!r} to {maximum!r} is not a range of replicas"


def _ingress(spec: Mapping[str, Any], services: set[str]) -> Iterator[str]:
    for rule in _tables(spec.get("rules")):
        if not _is_host(str(rule.get("host", ""))):
            yield f"{rule.get('host')!r} is not a host name"
        for path in _tables(table_at(rule, "http").get("paths")):
            name = table_at(path, "backend", "service").get("name")
            if name not in services:
                yield f"it routes to the service {name!r}, which is not among the manifests"


def _is_host(text: str) -> bool:
    return len(text) <= _MAX_HOST and _HOST.fullmatch(text) is not None


def _tables(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
