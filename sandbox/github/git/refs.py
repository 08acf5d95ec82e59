"""Branches and tags of a bare repository."""

import re
from pathlib import Path

from sandbox.github.git.program import ZERO, GitError, asks, git, text

HOOK = """#!/bin/sh
# Refuses pushes to protected branches; the server names them, each between spaces.
case "$SANDBOX_PROTECTED" in
*" $1 "*)
    echo "error: GH006: Protected branch update failed for $1." >&2
    echo "error: Changes must be made through a pull request." >&2
    exit 1 ;;
esac
"""
SHA = re.compile(r"[0-9a-f]{40}")


def create_repository(path: Path, default_branch: str) -> None:
    """Make the bare repository at `path`; nothing happens where it is there already."""
    if (path / "HEAD").exists():
        return
    path.mkdir(parents=True, exist_ok=True)
    git(path, "init", "--quiet", "--bare", f"--initial-branch={default_branch}", "--template=")
    for key, value in (
        ("http.receivepack", "true"),
        ("receive.denyDeleteCurrent", "refuse"),
        ("uploadpack.allowAnySHA1InWant", "true"),
        ("gc.auto", "0"),
        ("core.logAllRefUpdates", "false"),
    ):
        git(path, "config", key, value)
    hook = path / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK)
    hook.chmod(0o755)


def all_refs(path: Path, prefix: str = "refs") -> dict[str, str]:
    """Every ref below `prefix` with the object that it names, sorted by name."""
    lines = text(path, "for-each-ref", "--format=%(objectname) %(refname)", prefix).splitlines()
    return {name: sha for sha, name in (line.split(" ", 1) for line in lines)}


def is_empty(path: Path) -> bool:
    return not text(path, "for-each-ref", "--count=1")


def resolve(path: Path, name: str) -> str | None:
    """The commit of a branch, a tag, a full ref or a commit id; None where there is none."""
    for candidate in (f"refs/heads/{name}", f"refs/tags/{name}", f"refs/{name.removeprefix('refs/')}", name):
        if candidate == name and not re.fullmatch(r"[0-9a-f]{4,40}|HEAD", name):
            continue
        try:
            return text(path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{candidate}^{{commit}}")
        except GitError:
            continue
    return None


def of(path: Path, ref: str) -> str | None:
    """The object that this full ref names, or None."""
    try:
        return text(path, "rev-parse", "--verify", "--quiet", "--end-of-options", ref)
    except GitError:
        return None


def valid(path: Path, ref: str) -> bool:
    return ref.startswith("refs/") and ref.count("/") >= 2 and asks(path, "check-ref-format", ref)


def update(path: Path, ref: str, new: str, old: str = ZERO) -> None:
    """Move `ref` from `old` to `new` (ZERO: it is not there, or shall be gone). Raises GitError when it moved."""
    if new == ZERO:
        git(path, "update-ref", "-d", ref, old)
    else:
        git(path, "update-ref", ref, new, old)


def set_default(path: Path, branch: str) -> None:
    git(path, "symbolic-ref", "HEAD", f"refs/heads/{branch}")


def contains(path: Path, newer: str, older: str) -> bool:
    """Whether `newer` has `older` among its ancestors (or is the same)."""
    return asks(path, "merge-base", "--is-ancestor", older, newer)
