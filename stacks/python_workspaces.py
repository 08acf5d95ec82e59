"""Workspaces of uv. https://docs.astral.sh/uv/concepts/projects/workspaces/"""

from collections.abc import Mapping

import patterns
from stacks.components import Command
from stacks.folder import Folder
from stacks.values import as_lines, as_table, as_text

_NAME = patterns.compile(r"[\w.-]+")


def members(folder: Folder) -> list[str]:
    """The members of uv's workspace."""
    tools = as_table(folder.toml("pyproject.toml").get("tool"))
    return as_lines(as_table(as_table(tools.get("uv")).get("workspace")).get("members"))


def is_workspace_root(manifest: Mapping[str, object]) -> bool:
    return "workspace" in as_table(as_table(manifest.get("tool")).get("uv"))


def member_arguments(manifest: Mapping[str, object]) -> Command:
    """https://docs.astral.sh/uv/concepts/projects/workspaces/#workspace-members"""
    name = as_text(as_table(manifest.get("project")).get("name"))
    return ("--package", name) if _NAME.fullmatch(name) else ("--all-packages",)
