"""A repository as a mapping of paths to texts, read as a plan reads it: only the wanted texts are available."""

from collections.abc import Mapping

import stacks
from stacks import Component, Reading


def read(files: Mapping[str, str], name: str = "thing") -> Reading:
    """`files` maps all paths to texts; `stacks.read` gets only the texts of the wanted files."""
    paths = sorted(files)
    return stacks.read(paths, {path: files[path] for path in stacks.wanted(paths)}, name)


def only(files: Mapping[str, str], name: str = "thing") -> Component:
    """The only component of the repository."""
    reading = read(files, name)
    assert len(reading.components) == 1, reading
    return reading.components[0]
