"""What steps return and later steps read: one frozen dataclass of JSON values per step."""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class AccessResult:
    """`hook` is the id of the webhook."""

    step: ClassVar[str] = "access"
    hook: str | None = None


@dataclass(frozen=True)
class NamespaceResult:
    step: ClassVar[str] = "namespace"
    namespace: str


@dataclass(frozen=True)
class DeliveryResult:
    """`deployer` is the user that the cluster sees when the pipeline deploys."""

    step: ClassVar[str] = "delivery"
    deployer: str


@dataclass(frozen=True)
class MetricsResult:
    """Application → the query that will verify its metrics."""

    step: ClassVar[str] = "metrics"
    queries: dict[str, str]


@dataclass(frozen=True)
class PullRequestResult:
    """`number` is 0 where there is nothing to propose."""

    step: ClassVar[str] = "pull_request"
    number: int
    url: str = ""
    commit: str = ""


@dataclass(frozen=True)
class BuildResult:
    """The successful build of the pull request; all empty where none was needed."""

    step: ClassVar[str] = "build"
    build: int | None = None
    head: str = ""


@dataclass(frozen=True)
class MergeResult:
    """The commit that the default branch got."""

    step: ClassVar[str] = "merge"
    commit: str


@dataclass(frozen=True)
class ReleaseResult:
    step: ClassVar[str] = "release"
    build: int
    commit: str


@dataclass(frozen=True)
class DeployResult:
    step: ClassVar[str] = "deploy"
    commit: str


@dataclass(frozen=True)
class VerificationResult:
    """Application → check → what was seen."""

    step: ClassVar[str] = "verification"
    applications: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class UndoResult:
    """What stays, with the reason: [effect kind, name, reason]. Several steps of an undo return one."""

    kept: list[list[str]]
