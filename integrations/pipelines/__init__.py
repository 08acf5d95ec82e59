"""Capability *pipelines* (CI): builds, tests and deploys a repository's commits."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from integrations.providers import Capability, Provider


class BuildState(StrEnum):
    QUEUED = "queued"
    """Nothing runs it yet."""
    HELD = "held"
    """It waits for a person's approval."""
    RUNNING = "running"
    GREEN = "green"
    RED = "red"
    CANCELLED = "cancelled"
    """Somebody stopped it."""
    INVALID = "invalid"
    """It could not even start."""

    @property
    def has_ended(self) -> bool:
        return self not in (BuildState.QUEUED, BuildState.HELD, BuildState.RUNNING)


@dataclass(frozen=True)
class Deploying:
    """A branch that deploys: the ids of its repository and of the repository's owner, and their names now."""

    repository_id: str
    owner_id: str
    full_name: str
    branch: str


@dataclass(frozen=True)
class Build:
    """One run of the pipeline for a commit. `repository` is the id of its repository at the source host, where known."""

    id: int
    state: BuildState
    commit: str
    url: str
    message: str
    attempt: int
    repository: str = ""


@dataclass(frozen=True)
class Job:
    name: str
    state: BuildState
    skipped: bool
    url: str


@dataclass(frozen=True)
class BuildFailure:
    """Why a build failed: the job, its step, and the last lines of its log, oldest first."""

    job: str
    step: str
    lines: tuple[str, ...]
    url: str


class PipelinesReader(Provider, Protocol):
    """The part that planning uses. Every method raises IntegrationError."""

    @property
    def how_to_enable(self) -> str:
        """A sentence: who can enable pipelines in a repository, and where."""
        ...

    @property
    def configuration_prefix(self) -> str:
        """The folder of a repository that holds the pipeline's own files, with a trailing slash."""
        ...

    def deployer(self, deploying: Deploying) -> str:
        """The user name that a cluster sees when our pipeline of this branch deploys with its OIDC token."""
        ...

    def enabled(self, full_name: str) -> bool: ...
    def build(self, full_name: str, commit: str) -> Build | None:
        """The newest run of our pipeline for this commit, or None if none was started."""
        ...

    def latest(self, full_name: str, branch: str) -> Build | None:
        """The newest run of our pipeline for a push to this branch, or None."""
        ...

    def jobs(self, full_name: str, build: int) -> list[Job]: ...
    def failure(self, full_name: str, build: int) -> BuildFailure | None:
        """The first failed job, or None if none has failed."""
        ...

    def approvals(self, full_name: str, build: int) -> list[str]:
        """What a build that is held waits for, each in a few words; empty where that is not known."""
        ...

    def obstacles(self, full_name: str, commit: str) -> list[str]:
        """Why no build of this commit may have started, or a build could not start, each as a sentence that says what to do;
        empty where nothing is known to be in the way."""
        ...

    def is_configured(self, full_name: str, commit: str) -> bool:
        """Whether the commit has the configuration of our pipeline."""
        ...

    def is_restricted(self, full_name: str) -> bool:
        """Whether the organisation decides which actions are allowed, so that a build can be refused its start."""
        ...


class Pipelines(PipelinesReader, Protocol):
    """The part that runs use."""

    def rerun(self, full_name: str, build: int) -> None:
        """Run the failed jobs of this build again."""
        ...


CAPABILITY: Capability[Pipelines] = Capability("pipelines")


def pipelines() -> Pipelines:
    """The configured provider. Raises NotConfigured."""
    return CAPABILITY.provider()


def pipelines_reader() -> PipelinesReader:
    """The configured provider, for reading only. Raises NotConfigured."""
    return CAPABILITY.provider()
