"""The Rust toolchain that a folder pins, or the version that a crate requires."""

import patterns
from stacks import pinning
from stacks.components import Evidence
from stacks.folder import Folder
from stacks.values import as_table, as_text

_TOOLCHAIN = patterns.compile(r"[\w.-]{1,40}")


def version(folder: Folder, minimum: str) -> tuple[str, list[Evidence]]:
    for place in folder.with_workspace:
        for file in ("rust-toolchain.toml", "rust-toolchain"):
            toolchain = _toolchain(place, file)
            if _TOOLCHAIN.fullmatch(toolchain):
                return toolchain, [Evidence(place.path(file), None, f"pins the toolchain {toolchain}")]
    managed = pinning.pinned(folder, "rust")
    if managed:
        return managed[0], [managed[1]]
    return "", [Evidence(folder.path("Cargo.toml"), None, f"requires Rust {minimum} or later")] if minimum else []


def _toolchain(folder: Folder, file: str) -> str:
    if file.endswith("toml"):
        return as_text(as_table(folder.toml(file).get("toolchain")).get("channel"))
    return folder.text(file).strip()
