"""What lies between two commits of a bare repository, and merging them."""

import re
from dataclasses import dataclass
from pathlib import Path

from sandbox.github.git.program import GitError, git, text

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # git knows it without its being stored
STATUSES = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}
ADDED = re.compile(rb"^\+", re.MULTILINE)
REMOVED = re.compile(rb"^-", re.MULTILINE)


@dataclass(frozen=True)
class FileChange:
    path: str
    previous: str | None
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str | None
    """None for binary files and pure renames."""


def log(path: Path, *revisions: str, limit: int = 250, skip: int = 0, below: str = "") -> list[str]:
    """Commit ids, newest first."""
    where = ["--", below] if below else ["--"]
    return text(path, "rev-list", f"--max-count={limit}", f"--skip={skip}", *revisions, *where).split()


def count(path: Path, *revisions: str) -> int:
    return int(text(path, "rev-list", "--count", *revisions, "--"))


def merge_base(path: Path, one: str, other: str) -> str | None:
    """The best common ancestor, or None for histories that share nothing."""
    try:
        return text(path, "merge-base", one, other)
    except GitError:
        return None


def merged_tree(path: Path, base: str, head: str) -> str | None:
    """The tree of a merge of both, or None where they conflict."""
    ancestor = merge_base(path, base, head)
    if ancestor == base:
        return text(path, "rev-parse", f"{head}^{{tree}}")
    if ancestor is None:
        return None
    try:
        return text(path, "merge-tree", "--write-tree", base, head).splitlines()[0]
    except GitError:
        return None


def changes(path: Path, old: str, new: str) -> list[FileChange]:
    """The files that differ, with their patches, from `old` (a commit or EMPTY_TREE) to `new`."""
    raw = git(path, "diff-tree", "-r", "-M", "-z", "--raw", "--no-abbrev", old, new)
    if not raw:
        return []
    patches = git(path, "diff-tree", "-r", "-M", "-p", "--no-color", "--full-index", old, new)
    parts = iter(re.split(rb"^diff --git ", patches, flags=re.MULTILINE)[1:])
    found = []
    for status, sha, previous, name in _raw_lines(raw.decode(errors="surrogateescape").split("\0")[:-1]):
        body = hunks(next(parts))
        if status == "changed":  # a file that became a link, or back: git shows one part gone and one part new
            body += hunks(next(parts))
        found.append(_file_change(status, sha, previous, name, body))
    return found


def _file_change(status: str, sha: str, previous: str | None, name: str, body: bytes) -> FileChange:
    return FileChange(
        path=name,
        previous=previous,
        status=status,
        sha=sha,
        additions=len(ADDED.findall(body)),
        deletions=len(REMOVED.findall(body)),
        patch=body.decode(errors="replace").rstrip("\n") or None,
    )


def _raw_lines(words: list[str]) -> list[tuple[str, str, str | None, str]]:
    """`:mode mode sha sha S\0path\0` (twice the path for renames) as (status, sha, previous path, path)."""
    found: list[tuple[str, str, str | None, str]] = []
    place = 0
    while place < len(words):
        _, _, old, new, letter = words[place].split(" ")
        status = STATUSES[letter[0]]
        moved = letter[0] in "RC"
        previous = words[place + 1] if moved else None
        found.append((status, old if letter[0] == "D" else new, previous, words[place + (2 if moved else 1)]))
        place += 3 if moved else 2
    return found


def hunks(part: bytes) -> bytes:
    """The hunks of one file's patch without its head."""
    start = re.search(rb"^@@ ", part, flags=re.MULTILINE)
    return part[start.start() :] if start else b""


def names(path: Path, old: str, new: str) -> dict[str, list[str]]:
    """The paths added, removed and modified, as a push webhook lists them."""
    lines = git(path, "diff-tree", "-r", "-z", "--name-status", old, new).decode(errors="replace").split("\0")[:-1]
    found: dict[str, list[str]] = {"added": [], "removed": [], "modified": []}
    for letter, name in zip(lines[::2], lines[1::2], strict=True):
        found[{"A": "added", "D": "removed"}.get(letter, "modified")].append(name)
    return found


def patch(path: Path, old: str, new: str) -> str:
    return git(path, "diff", "-M", "--no-color", old, new).decode(errors="replace")
