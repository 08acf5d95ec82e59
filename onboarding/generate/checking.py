"""What can be said of manifests without an API server: what they hold, what it would refuse, what they ask of a quota."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml

from onboarding.generate import quantity
from onboarding.generate.files import File

Manifest = dict[str, Any]
KINDS = {
    "Deployment": "apps/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "Service": "v1",
    "Ingress": "networking.k8s.io/v1",
    "PodDisruptionBudget": "policy/v1",
    "ServiceAccount": "v1",
}
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, several times as fast, where it is there


@dataclass(frozen=True)
class Problem:
    """What an offline check of a manifest found."""

    object: str
    says: str

    def __str__(self) -> str:
        return f"{self.object}: {self.says}"


def objects(files: Iterable[File]) -> list[Manifest]:
    """The manifests among the files, parsed."""
    texts = [file.text for file in files if file.path.startswith("deploy/")]
    return [document for text in texts for document in yaml.load_all(text, Loader=_Loader) if document]


def check(manifests: Sequence[Manifest]) -> list[Problem]:
    """What an API server would refuse, and what would leave nothing running although it accepts it."""
    problems = []
    pods = [_at(one, "spec", "template", "metadata", "labels") for one in manifests if one.get("kind") == "Deployment"]
    services = {str(_at(one, "metadata").get("name")) for one in manifests if one.get("kind") == "Service"}
    for one in manifests:
        place = f"{one.get('kind', 'object')} {_at(one, 'metadata').get('name', '')}".rstrip()
        problems += [Problem(place, says) for says in (*_named(one), *_of_kind(one, pods, services))]
    return problems


def demand(manifests: Sequence[Manifest]) -> dict[str, str]:
    """What the workloads ask of a quota: the requests of the fewest pods that an autoscaler keeps, and one pod more for a
    rolling update. What it adds beyond them has to find its room when it is needed."""
    fewest = {
        _at(one, "spec", "scaleTargetRef").get("name"): int(_at(one, "spec").get("minReplicas", 1))
        for one in manifests
        if one.get("kind") == "HorizontalPodAutoscaler"
    }
    sums = dict.fromkeys(("requests.cpu", "requests.memory", "pods"), Decimal(0))
    for one in manifests:
        if one.get("kind") != "Deployment":
            continue
        pods = int(one["spec"].get("replicas", fewest.get(one["metadata"]["name"], 1))) + 1
        sums["pods"] += pods
        for container in one["spec"]["template"]["spec"]["containers"]:
            requests = container["resources"]["requests"]
            sums["requests.cpu"] += pods * quantity.parse(requests["cpu"])
            sums["requests.memory"] += pods * quantity.parse(requests["memory"])
    return {name: quantity.show(name, amount) for name, amount in sums.items()}


def _named(one: Manifest) -> Iterator[str]:
    kind, metadata = str(one.get("kind", "")), _at(one, "metadata")
    if KINDS.get(kind) != one.get("apiVersion"):
        yield f"{one.get('apiVersion')} {kind} is no kind that pipelines apply"
    if not _LABEL.fullmatch(str(metadata.get("name", ""))):
        yield "its name is no DNS label"
    for name, value in _at(one, "metadata", "labels").items():
        if not _VALUE.fullmatch(str(value)):
            yield f"{value!r} is no value of the label {name}"


def _of_kind(one: Manifest, pods: Sequence[Mapping[str, Any]], services: set[str]) -> Iterator[str]:
    spec = _at(one, "spec")
    match one.get("kind"):
        case "Deployment":
            yield from _deployment(spec)
        case "Service":
            yield from _selects(_at(spec, "selector"), pods)
        case "PodDisruptionBudget":
            yield from _selects(_at(spec, "selector", "matchLabels"), pods)
        case "HorizontalPodAutoscaler":
            yield from _autoscaler(spec)
        case "Ingress":
            yield from _ingress(spec, services)


def _deployment(spec: Mapping[str, Any]) -> Iterator[str]:
    yield from _selects(_at(spec, "selector", "matchLabels"), [_at(spec, "template", "metadata", "labels")])
    for container in _all(_at(spec, "template", "spec").get("containers")):
        amounts = [text for given in _at(container, "resources").values() for text in _at({"": given}, "").values()]
        for text in amounts:
            try:
                quantity.parse(text)
            except quantity.NotAQuantity as error:
                yield str(error)
        for port in _all(container.get("ports")):
            if port.get("containerPort") not in range(1, 65536):
                yield f"{port.get('containerPort')!r} is no port"


def _selects(selector: Mapping[str, Any], pods: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    if not selector or not any(selector.items() <= labels.items() for labels in pods):
        yield "its selector does not match its pods"


def _autoscaler(spec: Mapping[str, Any]) -> Iterator[str]:
    least, most = spec.get("minReplicas"), spec.get("maxReplicas")
    if not isinstance(least, int) or not isinstance(most, int) or not 1 <= least <= most:
        yield f"{least!r} to {most!r} is no range of replicas"


def _ingress(spec: Mapping[str, Any], services: set[str]) -> Iterator[str]:
    for rule in _all(spec.get("rules")):
        if not _HOST.fullmatch(str(rule.get("host", ""))):
            yield f"{rule.get('host')!r} is no host name"
        for path in _all(_at(rule, "http").get("paths")):
            name = _at(path, "backend", "service").get("name")
            if name not in services:
                yield f"it leads to the service {name!r}, which is not among the manifests"


def _at(value: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """The table at this place, or an empty one."""
    for name in names:
        found = value.get(name)
        value = found if isinstance(found, Mapping) else {}
    return value


def _all(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
