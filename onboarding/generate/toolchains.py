"""What a language brings to a pipeline and to an image. A new language is one more module and one line in `TOOLCHAINS`."""

from collections.abc import Mapping
from typing import Any, Protocol

from onboarding.generate import node, python
from onboarding.stacks import Command, Component

Step = dict[str, Any]


class Toolchain(Protocol):
    """Kept by a module per family."""

    def steps(self, one: Component) -> list[Step]:
        """Steps that bring the tools, in the version that the repository asks for, and install what tests need."""
        ...

    def image(self, one: Component) -> list[str]:
        """Lines of a Dockerfile up to where /app holds everything that runs."""
        ...

    def command(self, one: Component) -> Command:
        """How the container starts."""
        ...


TOOLCHAINS: Mapping[str, Toolchain] = {"node": node, "python": python}
