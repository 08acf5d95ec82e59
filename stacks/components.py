"""What a repository contains: components, each with the evidence for it."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

Command = tuple[str, ...]
"""An argument list, never a line for a shell."""

START_COMMAND = "start command: "
"""Evidence for a start command is this and the command itself. `deployable` recognises such evidence by it."""


@dataclass(frozen=True)
class Evidence:
    """A file, the line where one line decided, and a message that completes "<path>: …"."""

    path: str
    line: int | None
    message: str


@dataclass(frozen=True)
class Setting:
    """An environment variable that the code reads. `default` is None without a default, and hidden for a secret.

    `required`: the code fails when it reads the variable unset, or the variable is a secret without a default.
    """

    name: str
    default: str | None
    secret: bool
    evidence: Evidence
    required: bool = False


class Role(StrEnum):
    """The purpose of a folder. A site is files that a web server serves. Only services and sites are deployed."""

    SERVICE = "service"
    SITE = "site"
    LIBRARY = "library"


class Grounds(IntEnum):
    """How strong the case for a language is. It decides between several languages that claim one folder."""

    COMPANION = 0
    """The manifest serves another language's tools, like the asset pipeline of a Rails application."""
    SOURCES = 1
    MANIFEST = 2
    PROCESS = 3
    """A Procfile starts a program of this language."""


@dataclass(frozen=True)
class Component:
    """The content of one folder. `root` is its path, "" for the repository's root. An empty text or command is "none".

    `version` is the language version to use, within the range that the repository allows; `version_file` is the file
    that pins exactly one. `manifests` are the files that an install needs, relative to `root`; empty if it needs the
    whole folder. `install` is for tests, `install_production` for the image. `container_file` is the path of the
    component's own Dockerfile, which decides how it is built and started. `confidence` is certain, likely or guess.
    `workspace` is the folder of the workspace that the component is a member of. All commands except `start` run there,
    with the manifests and the lock file of that folder. It is None outside a workspace, where commands run in `root`.
    `output` is the folder of a site's files after `build`, relative to `root`; with a leading slash, to the workspace.
    `needs` are the kinds of servers that its packages are clients of: postgresql, redis, kafka, …
    `left` is the reason why it is not deployed.
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
    role: Role = Role.SERVICE
    grounds: Grounds = Grounds.MANIFEST
    workspace: str | None = None
    output: str = ""
    needs: tuple[str, ...] = ()
    left: str = ""

    @property
    def folder(self) -> str:
        """The folder in which commands run, and the build context of the image."""
        return self.root if self.workspace is None else self.workspace

    @property
    def inside(self) -> str:
        """The path within the workspace; empty outside a workspace."""
        return self.root[len(self.folder) + 1 if self.folder else 0 :] if self.workspace is not None else ""

    @property
    def deployable(self) -> bool:
        """Whether there is something to run or to serve."""
        runs = self.role == Role.SERVICE and bool(self.start)
        return bool(self.container_file) or runs or (self.role == Role.SITE and bool(self.output))
