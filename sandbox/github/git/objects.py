"""Commits, trees and blobs of a bare repository."""

import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sandbox.github.git.program import NULL_SHA, GitError, git, text

FORMAT = "%n".join(("%H", "%T", "%P", "%an", "%ae", "%at", "%cn", "%ce", "%ct", "%B"))


@dataclass(frozen=True)
class Signature:
    name: str
    email: str
    at: datetime

    @property
    def variables(self) -> tuple[str, str, str]:
        return self.name, self.email, f"{int(self.at.timestamp())} +0000"


@dataclass(frozen=True)
class Commit:
    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str


@dataclass(frozen=True)
class Entry:
    """An entry of a tree; only blobs have a `size`."""

    path: str
    mode: str
    type: str
    sha: str
    size: int | None


@dataclass(frozen=True)
class Change:
    """A change of one path in a tree: its new object, or None to delete it."""

    path: str
    mode: str
    sha: str | None


def commits(path: Path, shas: Iterable[str]) -> list[Commit]:
    """These commits, in this order. Raises GitError when one of the ids is not a commit."""
    lines = "".join(f"{sha}\n" for sha in shas)
    if not lines:
        return []
    output = git(path, "log", "--no-walk=unsorted", "--stdin", "-z", f"--format={FORMAT}", stdin=lines.encode())
    return [
        _commit(*record.split("\n", 9)) for record in output.decode(errors="replace").removesuffix("\0").split("\0")
    ]


def _commit(sha: str, tree: str, parents: str, *rest: str) -> Commit:
    signatures = [
        Signature(name, email, datetime.fromtimestamp(int(at), UTC)) for name, email, at in (rest[:3], rest[3:6])
    ]
    return Commit(sha, tree, tuple(parents.split()), signatures[0], signatures[1], rest[6].rstrip("\n"))


def commit(path: Path, sha: str) -> Commit:
    return commits(path, [sha])[0]


def type_of(path: Path, sha: str) -> str | None:
    """`commit`, `tree`, `blob` or `tag`, or None if there is no such object."""
    try:
        return text(path, "cat-file", "-t", sha)
    except GitError:
        return None


def tree_of(path: Path, name: str) -> str | None:
    """The tree of a commit or of a tree, or None if there is neither."""
    try:
        return text(path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{tree}}")
    except GitError:
        return None


def entries(path: Path, tree: str, *, recursive: bool = False, below: str = "") -> list[Entry]:
    """The entries of a tree. A recursive listing includes the folders themselves, as at GitHub."""
    flags = ["-r", "-t"] if recursive else []
    where = ["--", below] if below else []
    listing = git(path, "ls-tree", "-z", "--long", *flags, tree, *where)
    return [_entry(line) for line in listing.decode(errors="surrogateescape").split("\0") if line]


def _entry(line: str) -> Entry:
    head, _, name = line.partition("\t")
    mode, kind, sha, size = head.split()
    return Entry(name, mode, kind, sha, None if size == "-" else int(size))


def blob(path: Path, sha: str) -> bytes:
    return git(path, "cat-file", "blob", sha)


def file(path: Path, commit_sha: str, name: str) -> bytes | None:
    """The content of a file at a commit, or None if it does not exist."""
    try:
        return git(path, "cat-file", "blob", f"{commit_sha}:{name}")
    except GitError:
        return None


def write_blob(path: Path, content: bytes) -> str:
    return text(path, "hash-object", "-w", "--stdin", stdin=content)


def write_tree(path: Path, base: str | None, changes: Iterable[Change]) -> str:
    """A new tree: `base`, or an empty tree, with the changes. Raises GitError for invalid paths or missing objects."""
    handle, index = tempfile.mkstemp(prefix="index-", dir=path)
    os.close(handle)
    os.unlink(index)  # git must create the index itself: it rejects an empty file
    env = {"GIT_INDEX_FILE": index}
    try:
        git(path, "read-tree", *([base] if base else ["--empty"]), env=env)
        lines = (
            f"{change.mode} {change.sha}\t{change.path}\0" if change.sha else f"0 {NULL_SHA}\t{change.path}\0"
            for change in changes
        )
        git(path, "update-index", "-z", "--index-info", stdin="".join(lines).encode(), env=env)
        return text(path, "write-tree", env=env)
    finally:
        Path(index).unlink(missing_ok=True)


def write_commit(
    path: Path, tree: str, parents: Iterable[str], message: str, author: Signature, committer: Signature | None = None
) -> str:
    """A new commit, on no branch yet. Raises GitError when the tree or a parent is missing."""
    names = [f"GIT_{role}_{field}" for role in ("AUTHOR", "COMMITTER") for field in ("NAME", "EMAIL", "DATE")]
    values = (*author.variables, *(committer or author).variables)
    env: Mapping[str, str] = dict(zip(names, values, strict=True))
    flags = [word for parent in parents for word in ("-p", parent)]
    return text(path, "commit-tree", tree, *flags, "-F", "-", stdin=message.encode(), env=env)
