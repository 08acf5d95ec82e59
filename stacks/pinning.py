"""Versions that version managers pin, for every language.

https://asdf-vm.com, https://mise.jdx.dev/configuration.html
"""

import patterns
from stacks.components import Evidence
from stacks.folder import Folder
from stacks.runtimes import Runtime
from stacks.values import as_lines, as_table, as_text

MANIFESTS = (".tool-versions", "mise.toml", ".mise.toml")
_VERSION = patterns.compile(r"\d{1,3}(?:\.\d{1,3}){0,2}")
_LINE = patterns.compile(r"^[ \t]*v?(\d{1,3}(?:\.\d{1,3}){0,2})", multiline=True)


def pinned(folder: Folder, *tools: str) -> tuple[str, Evidence] | None:
    """The version of the first of these tools that is pinned, in this folder or in a workspace above it."""
    for place in (folder, *folder.workspaces.values()):
        version = _tool_versions(place, tools) or _mise(place, tools)
        if version is not None:
            return version
    return None


def _tool_versions(folder: Folder, tools: tuple[str, ...]) -> tuple[str, Evidence] | None:
    for number, line in enumerate(folder.text(".tool-versions").splitlines(), 1):
        name, _, rest = line.strip().partition(" ")
        version = _VERSION.search(rest)
        if name in tools and version:
            return version[0], Evidence(folder.path(".tool-versions"), number, f"pins {name} {version[0]}")
    return None


def _mise(folder: Folder, tools: tuple[str, ...]) -> tuple[str, Evidence] | None:
    for file in ("mise.toml", ".mise.toml"):
        table = as_table(folder.toml(file).get("tools"))
        for tool in tools:
            version = _VERSION.search(_mise_version(table.get(tool)))
            if version:
                return version[0], Evidence(folder.path(file), None, f"pins {tool} {version[0]}")
    return None


def _mise_version(value: object) -> str:
    """mise accepts a version, a list of versions (the first counts) and a table with a version."""
    versions = as_lines(value)
    return versions[0] if versions else as_text(as_table(value).get("version")) or as_text(value)


def checked(folder: Folder, runtime: Runtime, version: str, evidence: Evidence | None) -> tuple[str, list[Evidence]]:
    """The version and its evidence as a list. Warns if the version no longer gets fixes."""
    complaint = runtime.complaint(version)
    if complaint and evidence:
        folder.warn(f"{evidence.path}: {complaint}")
    return version, [evidence] if evidence else []


def file_version(folder: Folder, name: str, pattern: patterns.Pattern = _LINE) -> str:
    """The first group of the first match, or an empty text."""
    version = pattern.search(folder.text(name))
    return version[1] if version else ""
