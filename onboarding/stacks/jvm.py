"""What Maven and Gradle both tell of a module."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from onboarding.stacks.components import Command, Evidence

_STARTS = re.compile(r"(Application|App|Main|Server|Launcher|Bootstrap|Program|Starter)(Kt)?\.(java|kt|groovy|scala)$")


def starts_something(files: Iterable[str]) -> bool:
    """Whether a class among the sources has the name of one that a program begins with."""
    return any(_STARTS.search(one) for one in files if "src/main/" in one)


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
    """`program`: something makes a program of this module; `sure`: its build says so. `start` runs in the component's
    folder after `build`, which leaves the program in `output`. Commands run in the folder of the build's root."""

    tool: str
    manifest: str
    program: bool
    sure: bool
    start: Command
    build: Command
    test: Command
    output: str
    depends: frozenset[str]
    why: Evidence | None = None
    version: str = ""
    version_evidence: Evidence | None = None
    kotlin: bool = False
    modules: tuple[str, ...] = field(default=())

    @property
    def framework(self) -> str:
        return framework(self.depends)


def framework(depends: frozenset[str]) -> str:
    """The first that one of the dependencies, as `group:artifact`, belongs to."""
    return next((name for name, group in FRAMEWORKS if any(one.startswith(group) for one in depends)), "")
