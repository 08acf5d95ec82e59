"""Branches and tags of a bare repository."""

import re
from pathlib import Path

from sandbox.github.git.program import NULL_SHA, GitError, git, succeeds, text

HOOK = """#!/bin/sh
# Rejects pushes to protected branches. The server lists them in SANDBOX_PROTECTED, each between spaces.
case "$SANDBOX_PROTECTED" in
*" $1 "*)
    echo "error: GH006: Protected branch update failed for $1." >&2
    echo "error: Changes must be made through a pull request." >&2
    exit 1 ;;
esac
"""
SHA = re.compile(r"[0-9a-f]{40}")


def create_repository(path: Path, default_branch: str) -> None:
    """Create the bare repository at `path` unless it exists."""
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
    """Every ref below `prefix` with the object that it points to, sorted by name."""
    lines = text(path, "for-each-ref", "--format=%(objectname) %(refname)", prefix).splitlines()
    return {name: sha for sha, name in (line.split(" ", 1) for line in lines)}


def is_empty(path: Path) -> bool:
    return not text(path, "for-each-ref", "--count=1")


def resolve(path: Path, name: str) -> str | None:
    """The commit of a branch, a tag, a full ref or a commit id, or None if it does not exist."""
    for candidate in (f"refs/heads/{name}", f"refs/tags/{name}", f"refs/{name.removeprefix('refs/')}", name):
        if candidate == name and not re.fullmatch(r"[0-9a-f]{4,40}|HEAD", name):
            continue
        try:
            return text(path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{candidate}^{{commit}}")
        except GitError:
            continue
    return None


def lookup(path: Path, ref: str) -> str | None:
    """The object that this full ref points to, or None."""
    try:
        return text(path, "rev-parse", "--verify", "--quiet", "--end-of-options", ref)
    except GitError:
        return None


def is_valid(path: Path, ref: str) -> bool:
    return ref.startswith("refs/") and ref.count("/") >= 2 and succeeds(path, "check-ref-format", ref)


def update(path: Path, ref: str, new: str, old: str = NULL_SHA) -> None:
    """Move `ref` from `old` to `new`. Raises GitError when the ref is not at `old`.

    NULL_SHA as `old` creates the ref, and as `new` deletes it.
    """
    if new == NULL_SHA:
        git(path, "update-ref", "-d", ref, old)
    else:
        git(path, "update-ref", ref, new, old)


def set_default(path: Path, branch: str) -> None:
    git(path, "symbolic-ref", "HEAD", f"refs/heads/{branch}")


def contains(path: Path, newer: str, older: str) -> bool:
    """Whether `older` is an ancestor of `newer`, or the same commit."""
    return succeeds(path, "merge-base", "--is-ancestor", older, newer)
