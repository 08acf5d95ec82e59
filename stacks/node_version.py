"""The Node version that a folder pins or requires."""

from collections.abc import Mapping
from typing import Any

import patterns
from stacks import pinning
from stacks.components import Evidence
from stacks.folder import Folder
from stacks.runtimes import Runtime
from stacks.values import as_table, as_text

RUNTIME = Runtime(
    "Node",
    default="24",
    supported=("22", "24"),
    ended=("12", "14", "16", "18", "20"),
    as_of="2026-11",  # https://nodejs.org/en/about/previous-releases
)
_PINNED = patterns.compile(r"\s*v?(\d{1,3})")


def version(folder: Folder, manifest: Mapping[str, Any]) -> tuple[str, str, list[Evidence]]:
    """(version, the file of this folder that pins it, evidence)."""
    engines = as_text(as_table(manifest.get("engines")).get("node"))
    for place in folder.with_workspace:
        for name in (".nvmrc", ".node-version"):
            pinned = _PINNED.match(place.text(name))
            if pinned:
                evidence = Evidence(place.path(name), 1, f"pins Node {pinned[1]}")
                return _checked(folder, pinned[1], name if place is folder else "", evidence)
    allowed = RUNTIME.allowed(engines)
    if allowed:
        return _checked(folder, allowed, "", Evidence(folder.path("package.json"), None, f"requires Node {engines}"))
    managed = pinning.pinned(folder, "node", "nodejs")
    return _checked(folder, managed[0].split(".")[0], "", managed[1]) if managed else ("", "", [])


def _checked(folder: Folder, version: str, file: str, evidence: Evidence) -> tuple[str, str, list[Evidence]]:
    version, evidences = pinning.checked(folder, RUNTIME, version, evidence)
    return version, file, evidences
