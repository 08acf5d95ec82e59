"""The languages that the golden path builds. To add one, write its module and add one line to `TOOLCHAINS`."""

from collections.abc import Mapping

from generate import deno, dotnet, golang, java, node, php, python, ruby, rust, site
from generate.files import Placement
from generate.toolchain import Toolchain
from stacks import Component

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

DEFAULT_MEMORY = ("64Mi", "128Mi")
"""Memory request and limit of a component that only its own Dockerfile describes."""


def memory(component: Component, placement: Placement) -> tuple[str, str]:
    """(memory request, memory limit) of the component's container."""
    toolchain = TOOLCHAINS.get(component.family)
    request, limit = toolchain.MEMORY if toolchain else DEFAULT_MEMORY
    return placement.memory or request, placement.memory_limit or limit


def refusal(component: Component) -> str:
    """Why the golden path cannot build this component; empty if it can. Its own Dockerfile is always enough."""
    if component.container_file:
        return ""
    toolchain = TOOLCHAINS.get(component.family)
    if toolchain is None:
        return f"the golden path does not build {component.language or component.family} yet"
    return toolchain.refusal(component)
