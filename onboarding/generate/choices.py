"""What a platform offers beside the usual: who runs the pipeline, who deploys, whether a catalog wants an entry."""

from dataclasses import dataclass
from enum import StrEnum


class Pipeline(StrEnum):
    GITHUB_ACTIONS = "github-actions"
    TRAVIS = "travis"


class Delivery(StrEnum):
    MANIFESTS = "manifests"
    FIAAS = "fiaas"


@dataclass(frozen=True)
class Choices:
    """`catalog` proposes an entry for a software catalog."""

    pipeline: Pipeline = Pipeline.GITHUB_ACTIONS
    delivery: Delivery = Delivery.MANIFESTS
    catalog: bool = True
