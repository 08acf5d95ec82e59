"""Compares generated files with those of the repository. An existing file is replaced only if nobody has changed it
since we wrote it."""

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from generate.files import File


@dataclass(frozen=True)
class Conflict:
    """A generated file whose path holds something else. `theirs` is empty if that has no text to show.

    `obstacle` says what is in the way where no file can simply replace it: a symbolic link, a submodule, a folder, or a file where
    a folder would have to be. Git would drop all of it without a word.
    """

    path: str
    ours: str
    theirs: str
    obstacle: str = ""


@dataclass(frozen=True)
class Comparison:
    """`new` files do not exist yet, `same` exist as they are, `changed` exist as an earlier edition wrote them, and
    `conflicts` exist with a text that people wrote or changed."""

    new: tuple[File, ...]
    same: tuple[File, ...]
    conflicts: tuple[Conflict, ...]
    changed: tuple[File, ...] = ()


def compare(
    files: Sequence[File],
    existing: Mapping[str, str],
    present: Collection[str] = (),
    written: Mapping[str, Collection[str]] | None = None,
    special: Mapping[str, str] | None = None,
) -> Comparison:
    """Compares each file with what the repository holds at its path.

    `existing` maps paths to texts. `present` are all paths of the repository: a file that is too large or not text
    conflicts as well, without a text to show. `written` maps paths to the texts that our earlier pull requests wrote: a
    file that still has one of them was changed by nobody, and is updated with the template. `special` maps the paths of
    what is neither file nor folder to what it is.
    """
    earlier = written or {}
    obstacles = _obstacles(files, present, special or {})
    placeable = [file for file in files if file.path not in obstacles]
    new = tuple(file for file in placeable if file.path not in existing and file.path not in present)
    same = tuple(file for file in placeable if existing.get(file.path) == file.text)
    others = [file for file in placeable if file not in new and file not in same]
    changed = tuple(file for file in others if existing.get(file.path) in earlier.get(file.path, ()))
    conflicts = tuple(
        Conflict(file.path, file.text, existing.get(file.path, ""), obstacles.get(file.path, ""))
        for file in files
        if file.path in obstacles or (file in others and file not in changed)
    )
    return Comparison(new, same, conflicts, changed)


def _obstacles(files: Sequence[File], present: Collection[str], special: Mapping[str, str]) -> dict[str, str]:
    """Path of a generated file → what is in its way, as a sentence."""
    folders = {parent for path in (*present, *special) for parent in _parents(path)}
    standing = set(present)
    obstacles = {}
    for file in files:
        reasons = [f"{path} is {special[path]}." for path in (file.path, *_parents(file.path)) if path in special]
        reasons += [
            f"{path} is a file, so there can be no folder of that name."
            for path in _parents(file.path)
            if path in standing
        ]
        reasons += [f"{file.path} is a folder."] if file.path in folders else []
        if reasons:
            obstacles[file.path] = reasons[0]
    return obstacles


def _parents(path: str) -> list[str]:
    """The folders that contain this path, the nearest first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]


MAX_LINES = 3_000
"""Of an existing file, and MAX_LINE characters in each: what a person would compare. The time grows with both files' product."""

MAX_LINE = 2_000


def diff(file: File, existing: str | None) -> str:
    """A unified diff as git shows it. Of an existing file that is too long, a sentence says so instead."""
    if existing is not None and _is_too_long(existing):
        return f"The existing {file.path} is too long to be compared."
    before = [] if existing is None else existing.splitlines(keepends=True)
    source = "/dev/null" if existing is None else f"a/{file.path}"
    lines = difflib.unified_diff(before, file.text.splitlines(keepends=True), source, f"b/{file.path}")
    return "".join(lines)


def _is_too_long(text: str) -> bool:
    lines = text.splitlines()
    return len(lines) > MAX_LINES or any(len(line) > MAX_LINE for line in lines)
