"""The Ruby version that a folder pins or requires."""

import patterns
from stacks import pinning
from stacks.components import Evidence
from stacks.folder import Folder
from stacks.runtimes import Runtime

RUNTIME = Runtime(
    "Ruby",
    default="3.4",
    supported=("3.3", "3.4", "4.0"),
    ended=("1.9", "2.7", "3.0", "3.1", "3.2"),
    as_of="2026-11",  # https://www.ruby-lang.org/en/downloads/branches/
)
_PINNED = patterns.compile(r"^[ \t]*(?:ruby-)?(\d\.\d{1,2})", multiline=True)
_REQUIRED = patterns.compile(r"^[ \t]*ruby\s*\(?\s*[\"']([^\"'\n]{1,40})[\"']", multiline=True)


def version(folder: Folder, manifest: str) -> tuple[str, str, list[Evidence]]:
    """(version, the file that pins it, evidence)."""
    pinned = pinning.file_version(folder, ".ruby-version", _PINNED)
    if pinned:
        evidence = Evidence(folder.path(".ruby-version"), 1, f"pins Ruby {pinned}")
        return _checked(folder, pinned, ".ruby-version", evidence)
    required = _REQUIRED.search(folder.text(manifest)) if manifest else None
    allowed = RUNTIME.allowed(required[1]) if required else ""
    if required and allowed:
        return _checked(folder, allowed, "", Evidence(folder.path(manifest), None, f"requires Ruby {required[1]}"))
    managed = pinning.pinned(folder, "ruby")
    return _checked(folder, ".".join(managed[0].split(".")[:2]), "", managed[1]) if managed else ("", "", [])


def _checked(folder: Folder, version: str, file: str, evidence: Evidence) -> tuple[str, str, list[Evidence]]:
    version, evidences = pinning.checked(folder, RUNTIME, version, evidence)
    return version, file, evidences
