"""What is found in a repository, each with the evidence for it."""

from dataclasses import dataclass

Command = tuple[str, ...]
"""An argument list, never a line for a shell."""


@dataclass(frozen=True)
class Evidence:
    """A file, its line where one decided, and what it says in words."""

    path: str
    line: int | None
    says: str


@dataclass(frozen=True)
class Setting:
    """A variable that the code reads from its environment; `default` is None where it has none, and hidden for a secret."""

    name: str
    default: str | None
    secret: bool
    evidence: Evidence


@dataclass(frozen=True)
class Component:
    """A deployable unit. `root` is its folder ("" for the repository's own); an empty text or command says "none".

    `version` is the language's, within what the repository allows; `version_file` is the file that pins exactly one.
    `manifests` are the files that installing needs, relative to `root`; none where it needs the whole folder.
    `install` serves the tests, `install_production` the image. `container_file` is the path of its own Dockerfile,
    which then decides how it is built and started. `confidence` is certain, likely or guess.
    """

    name: str
    root: str
    family: str
    language: str = ""
    version: str = ""
    version_file: str = ""
    framework: str = ""
    package_manager: str = ""
    lock_file: str = ""
    manifests: tuple[str, ...] = ()
    install: Command = ()
    install_production: Command = ()
    build: Command = ()
    test: Command = ()
    start: Command = ()
    port: int = 8080
    health_path: str = "/"
    metrics_path: str = ""
    container_file: str = ""
    ignore_file: str = ""
    settings: tuple[Setting, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    confidence: str = "likely"
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unknown:
    """Nothing that could be run was recognised: why, and what was looked at."""

    reason: str
    looked_at: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What a repository holds. `unknown` is set when there are no components."""

    components: tuple[Component, ...]
    unknown: Unknown | None
    warnings: tuple[str, ...]
