"""Deployment, Service, Ingress and what belongs to them, at the restricted Pod Security level.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from onboarding.generate import quantity
from onboarding.generate.files import File, Placement, dumped
from onboarding.stacks import Component

IMAGE = "__IMAGE__"
"""The pipeline puts the image it has just pushed here."""

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
Manifest = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """What an offline check of a manifest found."""

    object: str
    says: str

    def __str__(self) -> str:
        return f"{self.object}: {self.says}"


def manifest_files(one: Component, placement: Placement) -> list[File]:
    """One file per object under deploy/<component>/."""
    made = [
        ("deployment", _deployment(one, placement), "runs two pods and asks them whether they are well"),
        ("service", _service(one, placement), "gives the pods one name inside the cluster"),
        ("ingress", _ingress(one, placement), f"lets {placement.host_of(one.name)} reach them"),
        ("disruption-budget", _budget(one, placement), "keeps one pod while nodes are replaced"),
        ("service-account", _account(one, placement), "gives the pods an account without any right"),
    ]
    return [File(f"deploy/{one.name}/{name}.yaml", "---\n" + dumped(body), why) for name, body, why in made]


def objects(files: Iterable[File]) -> list[Manifest]:
    """The manifests among the files, parsed."""
    return [
        document
        for file in files
        if file.path.startswith("deploy/")
        for document in yaml.safe_load_all(file.text)
        if document
    ]


def check(manifests: Sequence[Manifest]) -> list[Problem]:
    """What an API server would refuse and can be seen without one: names, quantities, selectors."""
    problems = []
    for one in manifests:
        name = str(one.get("metadata", {}).get("name", ""))
        place = f"{one.get('kind', 'object')} {name}"
        if not _LABEL.fullmatch(name):
            problems.append(Problem(place, "its name is no DNS label"))
        if one.get("kind") == "Deployment":
            problems += [Problem(place, says) for says in _deployment_problems(one["spec"])]
    return problems


def _deployment_problems(spec: Mapping[str, Any]) -> list[str]:
    found = []
    labels = spec["template"]["metadata"]["labels"]
    if not spec["selector"]["matchLabels"].items() <= labels.items():
        found.append("its selector does not match its pods")
    for container in spec["template"]["spec"]["containers"]:
        for amounts in container["resources"].values():
            for amount in amounts.values():
                try:
                    quantity.parse(amount)
                except quantity.NotAQuantity as error:
                    found.append(str(error))
    return found


def demand(manifests: Sequence[Manifest]) -> dict[str, str]:
    """What the workloads ask of a quota: every pod's requests, and one pod more for a rolling update."""
    sums = {"requests.cpu": quantity.parse("0"), "requests.memory": quantity.parse("0"), "pods": quantity.parse("0")}
    for one in manifests:
        if one.get("kind") != "Deployment":
            continue
        pods = int(one["spec"].get("replicas", 1)) + 1
        sums["pods"] += pods
        for container in one["spec"]["template"]["spec"]["containers"]:
            requests = container["resources"]["requests"]
            sums["requests.cpu"] += pods * quantity.parse(requests["cpu"])
            sums["requests.memory"] += pods * quantity.parse(requests["memory"])
    return {name: quantity.show(name, amount) for name, amount in sums.items()}


def _metadata(one: Component, placement: Placement) -> dict[str, Any]:
    return {"name": one.name, "namespace": placement.namespace, "labels": _labels(one, placement)}


def _labels(one: Component, placement: Placement) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": one.name,
        "app.kubernetes.io/part-of": placement.repository.lower().replace("_", "-")[:63],
        "app.kubernetes.io/managed-by": "onramp-pipeline",
        "onramp.dev/team": placement.team,
    }


def _deployment(one: Component, placement: Placement) -> Manifest:
    annotations = {"co.elastic.logs/enabled": "true"}
    if one.metrics_path:
        annotations |= {
            "prometheus.io/scrape": "true",
            "prometheus.io/port": str(one.port),
            "prometheus.io/path": one.metrics_path,
        }
    probe = {"httpGet": {"path": one.health_path, "port": "http"}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _metadata(one, placement),
        "spec": {
            "replicas": placement.replicas,
            "selector": {"matchLabels": {"app.kubernetes.io/name": one.name}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "progressDeadlineSeconds": 150,
            "template": {
                "metadata": {"labels": _labels(one, placement), "annotations": annotations},
                "spec": {
                    "serviceAccountName": one.name,
                    "automountServiceAccountToken": False,
                    "imagePullSecrets": [{"name": "registry"}],
                    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [_container(one, placement, probe)],
                    "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}],
                },
            },
        },
    }


def _container(one: Component, placement: Placement, probe: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": one.name,
        "image": IMAGE,
        "ports": [{"name": "http", "containerPort": one.port}],
        "env": [{"name": "PORT", "value": str(one.port)}],
        "startupProbe": {**probe, "periodSeconds": 2, "failureThreshold": 30},
        "readinessProbe": {**probe, "periodSeconds": 5},
        "livenessProbe": {**probe, "periodSeconds": 10, "failureThreshold": 3},
        "resources": {
            "requests": {"cpu": placement.cpu, "memory": placement.memory},
            "limits": {"cpu": placement.cpu_limit, "memory": placement.memory_limit},
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
