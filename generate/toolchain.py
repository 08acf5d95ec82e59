"""What the module of a language provides for pipelines and images."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from stacks import Command, Component

Step = dict[str, Any]


@dataclass(frozen=True)
class TravisLanguage:
    """A language of Travis CI: its name, the key and prefix of its version, and the package managers whose cache Travis
    keeps. https://docs.travis-ci.com/user/languages/"""

    name: str = "generic"
    version_key: str = ""
    version_prefix: str = ""
    caches: tuple[str, ...] = ()


class Toolchain(Protocol):
    """Implemented by one module per language. The module also declares the base images and the actions that it uses."""

    @property
    def MEMORY(self) -> tuple[str, str]:
        """The memory request and limit of a small service in this language."""
        ...

    @property
    def EDITIONS(self) -> Mapping[str, str]:
        """Edition → what it brings to repositories in this language, as in `editions`. Empty until the language's part
        of the template changes for the first time."""
        ...

    @property
    def TRAVIS(self) -> TravisLanguage: ...

    def refusal(self, component: Component) -> str:
        """Why the golden path cannot build this component although it supports the language; empty if it can."""
        ...

    def steps(self, component: Component) -> list[Step]:
        """Workflow steps that set up the tools, in the repository's version, and install what the tests need."""
        ...

    def image(self, component: Component) -> list[str]:
        """Lines of a Dockerfile, up to where the working directory holds everything that runs."""
        ...

    def command(self, component: Component) -> Command:
        """The command that starts the container."""
        ...
