"""Ours beside theirs: nothing that exists is replaced."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from onboarding.generate.files import File


@dataclass(frozen=True)
class Conflict:
    """A file of ours whose path holds something else already."""

    path: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class Comparison:
    """`new` are to be written, `same` are there already, `conflicts` are left and said."""

    new: tuple[File, ...]
    same: tuple[File, ...]
    conflicts: tuple[Conflict, ...]


def compare(files: Sequence[File], existing: Mapping[str, str]) -> Comparison:
    """Each file against what the repository holds at its path."""
    new = tuple(one for one in files if one.path not in existing)
    same = tuple(one for one in files if existing.get(one.path) == one.text)
    met = [one for one in files if one.path in existing and existing[one.path] != one.text]
    return Comparison(new, same, tuple(Conflict(one.path, one.text, existing[one.path]) for one in met))


def diff(file: File, existing: str | None) -> str:
    """A unified diff as git shows it."""
    before = [] if existing is None else existing.splitlines(keepends=True)
    source = "/dev/null" if existing is None else f"a/{file.path}"
    lines = difflib.unified_diff(before, file.text.splitlines(keepends=True), source, f"b/{file.path}")
    return "".join(lines)
