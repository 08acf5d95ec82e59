"""Workspaces: folders that are installed, built and locked together. Each family names its members.

https://docs.npmjs.com/cli/using-npm/workspaces, https://pnpm.io/workspaces,
https://doc.rust-lang.org/cargo/reference/workspaces.html,
https://go.dev/ref/mod#workspaces, https://docs.astral.sh/uv/concepts/projects/workspaces/
"""

import re
from collections.abc import Mapping

from stacks.families import FAMILIES
from stacks.folder import Folder

_MAX_PATTERNS = 200
_MAX_PARTS = 12


def find(folders: Mapping[str, Folder]) -> dict[str, dict[str, str]]:
    """Member → family → the folder of its workspace, all among `folders`. The nearest workspace counts."""
    workspaces: dict[str, dict[str, str]] = {}
    for root, folder in sorted(folders.items(), key=lambda item: len(item[0])):
        for family in FAMILIES:
            patterns = [_pattern(glob) for glob in list(family.members(folder))[:_MAX_PATTERNS]]
            for member in folders if patterns else ():
                path = _below(root, member)
                if path and any(pattern.fullmatch(path) for pattern in patterns):
                    workspaces.setdefault(member, {})[family.name] = root
    return workspaces


def _below(root: str, member: str) -> str:
    """The path of `member` relative to `root`; empty if it is not below it."""
    if not root:
        return member
    return member[len(root) + 1 :] if member.startswith(f"{root}/") else ""


def _pattern(glob: str) -> re.Pattern[str]:
    """`*` matches within one folder's name, `**` at any depth. https://github.com/isaacs/minimatch#features."""
    parts = glob.removeprefix("./").rstrip("/").split("/")[:_MAX_PARTS]
    pieces = ["(?:[^/]+/)*[^/]+" if part == "**" else "[^/]*".join(map(re.escape, part.split("*"))) for part in parts]
    return re.compile("/".join(pieces))
