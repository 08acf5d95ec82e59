"""Capability *pipelines* (CI): what builds, tests and deploys a repository's commits."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class BuildState(StrEnum):
    RUNNING = "running"
    GREEN = "green"
    RED = "red"


@dataclass(frozen=True)
class Build:
    """One run of the pipeline for a commit."""

    id: int
    state: BuildState
    commit: str
    url: str
    says: str
    attempt: int


@dataclass(frozen=True)
class Job:
    name: str
    state: BuildState
    skipped: bool
    url: str


@dataclass(frozen=True)
class BuildFailure:
    """What broke a build: the job, its step, the last lines of its log, oldest first."""

    job: str
    step: str
    lines: tuple[str, ...]
    url: str


class PipelinesReader(Protocol):
    """What planning may ask. Everything raises IntegrationError."""

    def ready(self) -> None:
        """Raises where it does not answer, or not to us."""
        ...

    def enabled(self, full_name: str) -> bool: ...
    def build(self, full_name: str, commit: str) -> Build | None:
        """The newest run of our pipeline for this commit, or None where none was started."""
        ...

    def latest(self, full_name: str, branch: str) -> Build | None: ...
    def jobs(self, full_name: str, build: int) -> list[Job]: ...
    def failure(self, full_name: str, build: int) -> BuildFailure | None: ...


class Pipelines(PipelinesReader, Protocol):
    """What a run may do."""

    def rerun(self, full_name: str, build: int) -> None: ...
