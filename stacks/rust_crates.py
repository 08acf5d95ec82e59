"""What a Cargo.toml declares. https://doc.rust-lang.org/cargo/reference/manifest.html"""

from collections.abc import Iterator
from typing import Any

import patterns
from stacks.folder import Folder
from stacks.values import as_lines, as_table, as_text

_BINARY = patterns.compile(r"src/bin/[\w-]+\.rs")
_BINARY_FOLDER = patterns.compile(r"src/bin/[\w-]+/main\.rs")
_NAME = patterns.compile(r"[\w-]+")


def members(folder: Folder) -> list[str]:
    return as_lines(as_table(folder.toml("Cargo.toml").get("workspace")).get("members"))


def dependencies(manifest: dict[str, Any]) -> set[str]:
    return {*as_table(manifest.get("dependencies")), *as_table(as_table(manifest.get("workspace")).get("dependencies"))}


def crates(manifest: dict[str, Any], top: Folder) -> Iterator[str]:
    """The real names of the required crates. https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html"""
    shared = as_table(as_table(top.toml("Cargo.toml").get("workspace")).get("dependencies"))
    for name, value in as_table(manifest.get("dependencies")).items():
        table = as_table(shared.get(name)) if as_table(value).get("workspace") else as_table(value)
        yield as_text(table.get("package")) or name


def programs(folder: Folder, manifest: dict[str, Any]) -> list[str]:
    """The names of the crate's binaries, that of `src/main.rs` first."""
    bins = manifest.get("bin")
    tables = [as_table(table) for table in bins] if isinstance(bins, list) else []
    crate = as_text(as_table(manifest.get("package")).get("name"))
    main = "src/main.rs" in folder.files and not any(as_text(table.get("path")) == "src/main.rs" for table in tables)
    names = [crate] if crate and main else []
    names += [as_text(table.get("name")) for table in tables if as_text(table.get("name"))]
    names += sorted(path[8:-3] for path in folder.files if _BINARY.fullmatch(path))
    names += sorted(path.split("/")[2] for path in folder.files if _BINARY_FOLDER.fullmatch(path))
    return [name for name in dict.fromkeys(names) if _NAME.fullmatch(name)]
