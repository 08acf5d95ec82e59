"""The model of a module that Maven and Gradle share."""

from collections.abc import Iterable
from dataclasses import dataclass

import patterns
from stacks.components import Command, Evidence

_STARTS = patterns.compile(
    r"(Application|App|Main|Server|Launcher|Bootstrap|Program|Starter)(Kt)?\.(java|kt|groovy|scala)$"
)
APPLICATION = patterns.compile(r"src/main/.*Application\.(java|kt)$")
"""The usual name of Spring Boot's main class."""

_SOURCES = "src/main/"
FRAMEWORKS = (
    ("spring-boot", "org.springframework.boot:"),
    ("quarkus", "io.quarkus:"),
    ("micronaut", "io.micronaut"),
    ("ktor", "io.ktor:"),
    ("helidon", "io.helidon"),
    ("dropwizard", "io.dropwizard:"),
    ("vert.x", "io.vertx:"),
    ("javalin", "io.javalin:"),
    ("spark", "com.sparkjava:"),
    ("ratpack", "io.ratpack"),
)


@dataclass(frozen=True)
class Build:
    """How a module is built. `program`: the module builds a program; `sure`: its build script says so.

    `start` runs in the component's folder after `build`, which leaves the program in `output`. The other commands run
    in the folder of the root build. `modules` are paths relative to the module's folder.
    """

    tool: str
    manifest: str
    program: bool
    sure: bool
    start: Command
    build: Command
    test: Command
    output: str
    depends: frozenset[str]
    program_evidence: Evidence | None = None
    version: str = ""
    version_evidence: Evidence | None = None
    kotlin: bool = False
    modules: tuple[str, ...] = ()

    @property
    def framework(self) -> str:
        """The first framework that one of the dependencies, as `group:artifact`, belongs to."""
        matches = (name for name, group in FRAMEWORKS if any(artifact.startswith(group) for artifact in self.depends))
        return next(matches, "")


def has_main_class(files: Iterable[str]) -> bool:
    """Whether a source has a name that is usual for a class with a main method."""
    return any(_STARTS.search(path) for path in files if _SOURCES in path)


def has_sources(files: Iterable[str]) -> bool:
    return any(path.startswith(_SOURCES) for path in files)
