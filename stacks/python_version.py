"""The Python version that a folder pins or requires."""

import patterns
from stacks import pinning
from stacks.components import Evidence
from stacks.folder import Folder
from stacks.runtimes import Runtime
from stacks.values import as_table, as_text

RUNTIME = Runtime(
    "Python",
    default="3.13",
    supported=("3.11", "3.12", "3.13", "3.14"),
    ended=("2.7", "3.6", "3.7", "3.8", "3.9", "3.10"),
    as_of="2026-11",  # https://devguide.python.org/versions/
)
_PINNED = patterns.compile(r"\s*(?:cpython-)?(\d{1,2}\.\d{1,2})(?:\.\d{1,3})?\s*$")
_RUNTIME_TXT = patterns.compile(r"python-(\d{1,2}\.\d{1,2})")


def version(folder: Folder) -> tuple[str, str, list[Evidence]]:
    """(version, the file that pins exactly this version, evidence)."""
    pinned = _PINNED.match(folder.text(".python-version"))
    if pinned:
        evidence = Evidence(folder.path(".python-version"), 1, f"pins Python {pinned[1]}")
        return _checked(folder, pinned[1], ".python-version", evidence)
    runtime = _RUNTIME_TXT.match(folder.text("runtime.txt"))
    if runtime:
        evidence = Evidence(folder.path("runtime.txt"), 1, f"pins Python {runtime[1]}")
        return _checked(folder, runtime[1], "", evidence)
    required = _required_version(folder)
    allowed = RUNTIME.allowed(required)
    if allowed:
        evidence = Evidence(folder.path("pyproject.toml"), None, f"requires Python {required}")
        return _checked(folder, allowed, "", evidence)
    managed = pinning.pinned(folder, "python")
    return _checked(folder, ".".join(managed[0].split(".")[:2]), "", managed[1]) if managed else ("", "", [])


def _required_version(folder: Folder) -> str:
    manifest = folder.toml("pyproject.toml")
    poetry = as_table(as_table(as_table(manifest.get("tool")).get("poetry")).get("dependencies"))
    return as_text(as_table(manifest.get("project")).get("requires-python")) or as_text(poetry.get("python"))


def _checked(folder: Folder, version: str, file: str, evidence: Evidence) -> tuple[str, str, list[Evidence]]:
    version, evidences = pinning.checked(folder, RUNTIME, version, evidence)
    return version, file, evidences
