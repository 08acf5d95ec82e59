"""The languages that Onramp reads. A new language is a module with a `FAMILY`, and one line in `FAMILIES`."""

from collections.abc import Mapping
from functools import cache

from stacks import deno, dotnet, elixir, golang, java, node, php, python, ruby, rust, site
from stacks.family import Family
from stacks.lock_files import LockFile
from stacks.recognised import RECOGNISED

FAMILIES: tuple[Family, ...] = (
    *(dotnet.FAMILY, elixir.FAMILY, java.FAMILY, rust.FAMILY, golang.FAMILY, php.FAMILY, ruby.FAMILY, deno.FAMILY),
    *RECOGNISED,
    *(node.FAMILY, python.FAMILY, site.FAMILY),
)
"""Where two claims are otherwise equal, the earlier family wins. Families whose folders often contain manifests of the
others come first."""

LOCKS: Mapping[str, LockFile] = {name: lock for family in FAMILIES for name, lock in family.lock_files.items()}


@cache
def markers() -> tuple[frozenset[str], tuple[str, ...]]:
    """(names, endings), one of which makes a folder a candidate."""
    names, endings = _split([marker for family in FAMILIES for marker in family.markers])
    return frozenset(names), endings


@cache
def manifests() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(names in the order in which they are worth fetching, endings)."""
    return _split([manifest for family in FAMILIES for manifest in family.manifests])


def by_image(image: str) -> list[str]:
    """The families whose tools a container image brings, by its name without tag and digest."""
    return [family.name for family in FAMILIES if family.images and family.images.search(image)]


def _split(patterns: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = dict.fromkeys(pattern for pattern in patterns if not pattern.startswith("*"))
    endings = dict.fromkeys(pattern[1:] for pattern in patterns if pattern.startswith("*"))
    return tuple(names), tuple(endings)
