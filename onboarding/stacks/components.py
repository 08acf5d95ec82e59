"""What is found in a repository, each with the evidence for it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """A file, its line where one decided, and what it says in words."""

    path: str
    line: int | None
    says: str


@dataclass(frozen=True)
class Setting:
    """A variable that the code reads from its environment; `default` is None where it has none."""

    name: str
    default: str | None
    secret: bool
    evidence: Evidence


@dataclass(frozen=True)
class Component:
    """A deployable unit. `root` is its folder ("" for the repository's own); commands are argument lists.

    `version` is the language's, as the repository says it ("" where it does not). `has_requirements`: a requirements.txt lists what pip installs. `confidence` is certain, likely or
    guess. `container_file` is the path of its own Dockerfile, which then decides how it is built and started.
    """

    name: str
    root: str
    family: str
    language: str
    version: str
    version_file: str
    framework: str
    package_manager: str
    lock_file: str
    has_requirements: bool
    start: tuple[str, ...]
    test: tuple[str, ...]
    port: int
    health_path: str
    metrics_path: str
    container_file: str
    settings: tuple[Setting, ...]
    evidence: tuple[Evidence, ...]
    confidence: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unknown:
    """Nothing that could be run was recognised: why, and what was looked at."""

    reason: str
    looked_at: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    components: tuple[Component, ...]
    unknown: Unknown | None
    warnings: tuple[str, ...]
