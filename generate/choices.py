"""What a platform offers instead of the defaults: which tool runs the pipeline, which deploys, and a catalog entry."""

from dataclasses import dataclass
from enum import StrEnum


class Pipeline(StrEnum):
    GITHUB_ACTIONS = "github-actions"
    TRAVIS = "travis"


class DeliveryTool(StrEnum):
    MANIFESTS = "manifests"
    FIAAS = "fiaas"


@dataclass(frozen=True)
class Choices:
    """With `catalog`, an entry for the software catalog is proposed."""

    pipeline: Pipeline = Pipeline.GITHUB_ACTIONS
    delivery: DeliveryTool = DeliveryTool.MANIFESTS
    catalog: bool = True
