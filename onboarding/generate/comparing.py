"""Ours beside theirs: nothing that exists is replaced."""

import difflib
from collections.abc import Collection, Mapping, Sequence
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
    """`new` are to be written, `same` are there already, `changed` are there as we once wrote them, `conflicts` are people's:
    left, and said."""

    new: tuple[File, ...]
    same: tuple[File, ...]
    conflicts: tuple[Conflict, ...]
    changed: tuple[File, ...] = ()


def compare(
    files: Sequence[File],
    existing: Mapping[str, str],
    present: Collection[str] = (),
    written: Mapping[str, Collection[str]] | None = None,
) -> Comparison:
    """Each file against what the repository holds at its path.

    `present` are all paths of the repository: one whose text is not among the existing (too large, or no text) is in
    the way as well, with nothing to show of it. `written` are the texts that earlier pull requests of ours brought to a
    path: what still holds one of them was touched by nobody, and follows the template.
    """
    ours = written or {}
    met = [one for one in files if one.path in existing or one.path in present]
    same = tuple(one for one in met if existing.get(one.path) == one.text)
    new = tuple(one for one in files if one not in met)
    other = [one for one in met if one not in same]
    changed = tuple(one for one in other if existing.get(one.path) in ours.get(one.path, ()))
    conflicts = (Conflict(one.path, one.text, existing.get(one.path, "")) for one in other if one not in changed)
    return Comparison(new, same, tuple(conflicts), changed)


def diff(file: File, existing: str | None) -> str:
    """A unified diff as git shows it."""
    before = [] if existing is None else existing.splitlines(keepends=True)
    source = "/dev/null" if existing is None else f"a/{file.path}"
    lines = difflib.unified_diff(before, file.text.splitlines(keepends=True), source, f"b/{file.path}")
    return "".join(lines)
