"""The languages that are read. A new one is one more module and one line in `FAMILIES`."""

from functools import cache
from typing import Protocol

from onboarding.stacks import (
    deno,
    dotnet,
    elixir,
    golang,
    java,
    node,
    php,
    python,
    ruby,
    rust,
    site,
)
from onboarding.stacks.components import Component
from onboarding.stacks.folder import Folder
from onboarding.stacks.recognised import RECOGNISED


class Family(Protocol):
    """Kept by a module per language."""

    @property
    def FAMILY(self) -> str: ...

    @property
    def MARKERS(self) -> tuple[str, ...]:
        """Files of which one must lie in a component's folder; `*.x` is any with that ending."""
        ...

    @property
    def MANIFESTS(self) -> tuple[str, ...]:
        """Files of that folder whose text `read` needs; `*.x` is any with that ending."""
        ...

    @property
    def ENTRIES(self) -> tuple[str, ...]:
        """Names of sources that usually start a service, the likeliest first. At the root of a repository without any
        marker they are enough to tell the language."""
        ...

    @property
    def ENDINGS(self) -> tuple[str, ...]:
        """Endings of sources."""
        ...

    def read(self, folder: Folder, name: str) -> Component | None:
        """What this folder is, or None where it is not of this language. Never raises for what files hold."""
        ...


FAMILIES: tuple[Family, ...] = (
    *(dotnet, elixir, java, rust, golang, php, ruby, deno),
    *RECOGNISED,
    *(node, python, site),
)
"""In the order that counts where nothing else tells two apart: those whose folders often hold the others' manifests, too,
come first."""


@cache
def markers() -> tuple[frozenset[str], tuple[str, ...]]:
    """(names, endings) of which one makes a folder a candidate."""
    return _split([marker for family in FAMILIES for marker in family.MARKERS])


@cache
def manifests() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(names in the order in which they are worth fetching, endings)."""
    named = [marker for family in FAMILIES for marker in family.MANIFESTS]
    names, endings = _split(named)
    return tuple(dict.fromkeys(one for one in named if one in names)), endings


def _split(patterns: list[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    names = frozenset(one for one in patterns if not one.startswith("*"))
    return names, tuple(dict.fromkeys(one[1:] for one in patterns if one.startswith("*")))
