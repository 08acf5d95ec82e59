"""Comparing and merging commits of a bare repository."""

import re
from pathlib import Path

from sandbox.github.git.program import GitError, git, text

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # built into git: it exists without being stored
STAT = re.compile(r"(\d+) (file|insertion|deletion)")


def log(path: Path, *revisions: str, limit: int = 250) -> list[str]:
    """Commit ids, newest first."""
    return text(path, "rev-list", f"--max-count={limit}", *revisions, "--").split()


def count(path: Path, *revisions: str) -> int:
    return int(text(path, "rev-list", "--count", *revisions, "--"))


def merge_base(path: Path, first: str, second: str) -> str | None:
    """The best common ancestor, or None for unrelated histories."""
    try:
        return text(path, "merge-base", first, second)
    except GitError:
        return None


def merged_tree(path: Path, base: str, head: str) -> str | None:
    """The tree of a merge of both commits, or None when they conflict."""
    ancestor = merge_base(path, base, head)
    if ancestor == base:
        return text(path, "rev-parse", f"{head}^{{tree}}")
    if ancestor is None:
        return None
    try:
        return text(path, "merge-tree", "--write-tree", base, head).splitlines()[0]
    except GitError:
        return None


def diff_stat(path: Path, base: str, head: str) -> tuple[int, int, int]:
    """The number of changed files, added lines and removed lines since the branch left `base`."""
    output = text(path, "diff", "-M", "--shortstat", merge_base(path, base, head) or EMPTY_TREE, head)
    numbers = {kind: int(number) for number, kind in STAT.findall(output)}
    return numbers.get("file", 0), numbers.get("insertion", 0), numbers.get("deletion", 0)


def changed_paths(path: Path, old: str, new: str) -> dict[str, list[str]]:
    """The paths added, removed and modified, as a push webhook lists them."""
    fields = git(path, "diff-tree", "-r", "-z", "--name-status", old, new).decode(errors="replace").split("\0")[:-1]
    paths: dict[str, list[str]] = {"added": [], "removed": [], "modified": []}
    for letter, name in zip(fields[::2], fields[1::2], strict=True):
        paths[{"A": "added", "D": "removed"}.get(letter, "modified")].append(name)
    return paths


def patch(path: Path, old: str, new: str) -> str:
    return git(path, "diff", "-M", "--no-color", old, new).decode(errors="replace")
