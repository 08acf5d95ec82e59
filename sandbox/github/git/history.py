"""What lies between two commits of a bare repository, and merging them."""

import re
from pathlib import Path

from sandbox.github.git.program import GitError, git, text

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # git knows it without its being stored
COUNTED = re.compile(r"(\d+) (file|insertion|deletion)")


def log(path: Path, *revisions: str, limit: int = 250) -> list[str]:
    """Commit ids, newest first."""
    return text(path, "rev-list", f"--max-count={limit}", *revisions, "--").split()


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


def size_of_changes(path: Path, base: str, head: str) -> tuple[int, int, int]:
    """How many files differ between a branch and where it left `base`, and how many lines came and went."""
    said = text(path, "diff", "-M", "--shortstat", merge_base(path, base, head) or EMPTY_TREE, head)
    found = {what: int(number) for number, what in COUNTED.findall(said)}
    return found.get("file", 0), found.get("insertion", 0), found.get("deletion", 0)


def names(path: Path, old: str, new: str) -> dict[str, list[str]]:
    """The paths added, removed and modified, as a push webhook lists them."""
    lines = git(path, "diff-tree", "-r", "-z", "--name-status", old, new).decode(errors="replace").split("\0")[:-1]
    found: dict[str, list[str]] = {"added": [], "removed": [], "modified": []}
    for letter, name in zip(lines[::2], lines[1::2], strict=True):
        found[{"A": "added", "D": "removed"}.get(letter, "modified")].append(name)
    return found


def patch(path: Path, old: str, new: str) -> str:
    return git(path, "diff", "-M", "--no-color", old, new).decode(errors="replace")
