"""What is found in a repository, each with the evidence for it."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

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
    """A variable that the code reads from its environment; `default` is None where it has none, and hidden for a secret.

    `required`: without it the code fails as soon as it reads it, or it is a secret that nothing stands in for.
    """

    name: str
    default: str | None
    secret: bool
    evidence: Evidence
    required: bool = False


class Role(StrEnum):
    """What a folder is for. A site is files that a web server hands out; only services and sites are deployed."""

    SERVICE = "service"
    SITE = "site"
    LIBRARY = "library"


class Grounds(IntEnum):
    """How well it is known that a folder is of a language, where several languages claim it."""

    COMPANION = 0
    """Its manifest serves the tools of another language: the asset pipeline of a Rails application."""
    SOURCES = 1
    MANIFEST = 2
    PROCESS = 3
    """A Procfile starts a program of this language."""


@dataclass(frozen=True)
class Component:
    """What a folder holds. `root` is its path ("" for the repository's own); an empty text or command says "none".

    `version` is the language's, within what the repository allows; `version_file` is the file that pins exactly one.
    `manifests` are the files that installing needs, relative to `root`; none where it needs the whole folder.
    `install` serves the tests, `install_production` the image. `container_file` is the path of its own Dockerfile,
    which then decides how it is built and started. `confidence` is certain, likely or guess.
    `workspace` is the folder above whose member it is; its commands, but for `start`, run there, with the manifests and the
    lock file that lie there. None where it stands alone, and they run in `root`. `output` is the folder of a site's files after `build`, relative to `root`; with a slash before it, to the workspace.
    `needs` are the kinds of servers that its packages are clients of: postgresql, redis, kafka, …
    `left` says why it is not deployed.
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
        """Where its commands run, and what its image is built of."""
        return self.root if self.workspace is None else self.workspace

    @property
    def inside(self) -> str:
        """Its path within its workspace; nothing where it stands alone."""
        return self.root[len(self.folder) + 1 if self.folder else 0 :] if self.workspace is not None else ""

    @property
    def deployable(self) -> bool:
        """Whether something of it can run or be served."""
        runs = self.role == Role.SERVICE and bool(self.start)
        return bool(self.container_file) or runs or (self.role == Role.SITE and bool(self.output))


@dataclass(frozen=True)
class Unknown:
    """Nothing that could be run was recognised: why, and what was looked at."""

    reason: str
    looked_at: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What a repository holds: what can be deployed, and what was recognised beside it. `unknown` is set when there is
    nothing to deploy."""

    components: tuple[Component, ...]
    unknown: Unknown | None
    warnings: tuple[str, ...]
    others: tuple[Component, ...] = ()

    @property
    def family(self) -> str:
        """The language of the repository: that of its root, else of most of what it holds; nothing where none is known."""
        found = [*self.components, *self.others]
        top = next((one.family for one in found if not one.root), "")
        families = [one.family for one in self.components] or [one.family for one in self.others]
        return top or max(families, key=families.count, default="")
