"""Workspaces: folders that are installed, built and locked together. Each family names its members.

https://docs.npmjs.com/cli/using-npm/workspaces, https://pnpm.io/workspaces,
https://doc.rust-lang.org/cargo/reference/workspaces.html,
https://go.dev/ref/mod#workspaces, https://docs.astral.sh/uv/concepts/projects/workspaces/
"""

from collections.abc import Iterable, Mapping
from itertools import islice

from stacks.families import FAMILIES
from stacks.folder import Folder
from stacks.wildcards import matches

MAX_GLOBS = 200
"""Members and globs that one manifest declares."""

MAX_GLOB = 200
"""Characters of one of them."""


def find(folders: Mapping[str, Folder]) -> dict[str, dict[str, str]]:
    """Member → family → the folder of its workspace, all among `folders`. The nearest workspace counts."""
    workspaces: dict[str, dict[str, str]] = {}
    for root, folder in sorted(folders.items(), key=lambda item: len(item[0])):
        for family in FAMILIES:
            globs = _globs(folder, family.members(folder))
            for member in folders if globs else ():
                path = _below(root, member)
                if path and any(matches(glob, path) for glob in globs):
                    workspaces.setdefault(member, {})[family.name] = root
    return workspaces


def _globs(folder: Folder, declared: Iterable[str]) -> list[str]:
    """At most MAX_GLOBS different ones. Warns about the rest."""
    different = list(islice(dict.fromkeys(declared), MAX_GLOBS + 1))
    globs = [glob for glob in different[:MAX_GLOBS] if len(glob) <= MAX_GLOB]
    if len(globs) < len(different):
        folder.warn(
            f"{folder.title} declares more than {MAX_GLOBS} workspace members, or one with more than {MAX_GLOB} "
            "characters. The rest was not read."
        )
    return globs


def _below(root: str, member: str) -> str:
    """The path of `member` relative to `root`; empty if it is not below it."""
    if not root:
        return member
    return member[len(root) + 1 :] if member.startswith(f"{root}/") else ""
