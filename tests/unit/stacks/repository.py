"""A repository as a mapping of paths to texts, read as the plan reads it: only what was asked for is there."""

from collections.abc import Mapping

from onboarding import stacks
from onboarding.stacks import Component, Reading


def read(files: Mapping[str, str], name: str = "thing") -> Reading:
    """`files` hold their whole text; `read` is given that of the wanted ones alone."""
    paths = sorted(files)
    return stacks.read(paths, {path: files[path] for path in stacks.wanted(paths)}, name)


def only(files: Mapping[str, str], name: str = "thing") -> Component:
    found = read(files, name)
    assert len(found.components) == 1, found
    return found.components[0]
