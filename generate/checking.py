"""What can be said about manifests without an API server: what they contain, whether it would accept them, and how much
of a quota they request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import yaml

from generate import quantity
from generate.files import File
from generate.rules import Manifest, table_at, violations

_COMPUTE = ("requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is several times as fast, where it is installed


@dataclass(frozen=True)
class Problem:
    """A problem that an offline check found in a manifest."""

    object: str
    message: str

    def __str__(self) -> str:
        return f"{self.object}: {self.message}"


def objects(files: Iterable[File]) -> list[Manifest]:
    """The manifests among the files, parsed."""
    texts = [file.text for file in files if file.path.startswith("deploy/")]
    return [document for text in texts for document in yaml.load_all(text, Loader=_Loader) if document]


def check(manifests: Sequence[Manifest]) -> list[Problem]:
    """What an API server would reject, and what it would accept although nothing would run."""
    pods = [table_at(each, "spec", "template", "metadata", "labels") for each in _of_kind(manifests, "Deployment")]
    services = {str(table_at(each, "metadata").get("name")) for each in _of_kind(manifests, "Service")}
    return [
        Problem(_title(manifest), message) for manifest in manifests for message in violations(manifest, pods, services)
    ]


def demand(manifests: Sequence[Manifest]) -> dict[str, str]:
    """How much of a quota the workloads need: for the minimum of pods that an autoscaler keeps, and one more pod for
    a rolling update. Pods that the autoscaler adds later are not included: they start only if the quota has room for
    them."""
    min_replicas = {
        table_at(each, "spec", "scaleTargetRef").get("name"): int(table_at(each, "spec").get("minReplicas", 1))
        for each in _of_kind(manifests, "HorizontalPodAutoscaler")
    }
    sums = dict.fromkeys((*_COMPUTE, "pods"), Decimal(0))
    for deployment in _of_kind(manifests, "Deployment"):
        spec = deployment["spec"]
        pods = int(spec.get("replicas", min_replicas.get(deployment["metadata"]["name"], 1))) + 1
        sums["pods"] += pods
        for container in spec["template"]["spec"]["containers"]:
            for name in _COMPUTE:
                part, _, resource = name.partition(".")
                sums[name] += pods * quantity.parse(container["resources"][part][resource])
    return {name: quantity.show(name, amount) for name, amount in sums.items()}


def _of_kind(manifests: Iterable[Manifest], kind: str) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest.get("kind") == kind]


def _title(manifest: Manifest) -> str:
    return f"{manifest.get('kind', 'object')} {table_at(manifest, 'metadata').get('name', '')}".rstrip()
