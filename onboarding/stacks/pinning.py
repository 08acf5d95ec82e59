"""Versions that version managers pin, for every language. https://asdf-vm.com, https://mise.jdx.dev/configuration.html"""

import re

from onboarding.stacks.components import Evidence
from onboarding.stacks.folder import Folder, as_lines, as_table, as_text
from onboarding.stacks.runtimes import Runtime

MANIFESTS = (".tool-versions", "mise.toml", ".mise.toml")
_VERSION = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,2}")


def pinned(folder: Folder, *tools: str) -> tuple[str, Evidence] | None:
    """The version of the first of these tools that a version manager's file names, here or in a workspace above."""
    for place in (folder, *folder.workspaces.values()):
        found = _pinned(place, tools)
        if found is not None:
            return found
    return None


def _pinned(folder: Folder, tools: tuple[str, ...]) -> tuple[str, Evidence] | None:
    for number, line in enumerate(folder.text(".tool-versions").splitlines(), 1):
        name, _, rest = line.strip().partition(" ")
        version = _VERSION.search(rest)
        if name in tools and version:
            return version[0], Evidence(folder.path(".tool-versions"), number, f"pins {name} {version[0]}")
    for file in ("mise.toml", ".mise.toml"):
        table = as_table(folder.toml(file).get("tools"))
        for tool in tools:
            version = _VERSION.search(_said(table.get(tool)))
            if version:
                return version[0], Evidence(folder.path(file), None, f"pins {tool} {version[0]}")
    return None


def _said(value: object) -> str:
    """A version alone, the first of several, or that of a table."""
    listed = as_lines(value)
    return listed[0] if listed else as_text(as_table(value).get("version")) or as_text(value)


def known(folder: Folder, runtime: Runtime, version: str, evidence: Evidence | None) -> tuple[str, list[Evidence]]:
    """The version with what says it; a warning where it gets no fixes any more."""
    complaint = runtime.complaint(version)
    if complaint and evidence:
        folder.warn(f"{evidence.path}: {complaint}")
    return version, [evidence] if evidence else []


def file_version(folder: Folder, name: str, pattern: str = r"v?(\d{1,3}(?:\.\d{1,3}){0,2})") -> str:
    """The version that the first line of this pattern names, or nothing."""
    found = re.search(rf"^[ \t]*{pattern}", folder.text(name), re.MULTILINE)
    return found[1] if found else ""
