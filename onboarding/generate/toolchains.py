"""What a language brings to a pipeline and to an image. A new language is one more module and one line in `TOOLCHAINS`."""

from collections.abc import Mapping
from typing import Any, Protocol

from onboarding.generate import deno, dotnet, golang, java, node, php, python, ruby, rust, site
from onboarding.generate.files import Placement
from onboarding.stacks import Command, Component

Step = dict[str, Any]


class Toolchain(Protocol):
    """Kept by a module per family."""

    @property
    def MEMORY(self) -> tuple[str, str]:
        """What a small service of this language asks for, and what it may take at most."""
        ...

    def refuses(self, one: Component) -> str:
        """Why the golden path cannot build this component although it knows the language; nothing where it can."""
        ...

    def steps(self, one: Component) -> list[Step]:
        """Steps that bring the tools, in the version that the repository asks for, and install what tests need."""
        ...

    def image(self, one: Component) -> list[str]:
        """Lines of a Dockerfile up to where the working directory holds everything that runs."""
        ...

    def command(self, one: Component) -> Command:
        """How the container starts."""
        ...


TOOLCHAINS: Mapping[str, Toolchain] = {
    "deno": deno,
    "dotnet": dotnet,
    "go": golang,
    "java": java,
    "node": node,
    "php": php,
    "python": python,
    "ruby": ruby,
    "rust": rust,
    "static": site,
}


UNKNOWN = ("64Mi", "128Mi")
"""Memory of what its own container file describes."""


def memory(one: Component, placement: Placement) -> tuple[str, str]:
    """(what a small service of its language asks for, what it may take at most)."""
    tools = TOOLCHAINS.get(one.family)
    usual, most = tools.MEMORY if tools else UNKNOWN
    return placement.memory or usual, placement.memory_limit or most


def refusal(one: Component) -> str:
    """Why the golden path has nothing for this component; nothing where it does. Its own Dockerfile is always enough."""
    if one.container_file:
        return ""
    tools = TOOLCHAINS.get(one.family)
    if tools is None:
        return f"the golden path does not build {one.language or one.family} yet"
    return tools.refuses(one)
