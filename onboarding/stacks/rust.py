"""Rust: the binary that Cargo builds. https://doc.rust-lang.org/cargo/reference/cargo-targets.html"""

import re
from typing import Any

from onboarding.stacks import locked, pinning, serving
from onboarding.stacks.components import Component, Evidence, Grounds, Role
from onboarding.stacks.folder import Folder, as_table, as_text

FAMILY = "rust"
MARKERS = ("Cargo.toml",)
MANIFESTS = ("Cargo.toml", "rust-toolchain.toml", "rust-toolchain", *pinning.MANIFESTS)
ENTRIES = ("src/main.rs", "main.rs")
ENDINGS = (".rs",)
FRAMEWORKS = ("actix-web", "axum", "rocket", "warp", "poem", "salvo", "tide", "tonic", "hyper")
_PORTS = (
    r"env::var\(\s*\"PORT\"\s*\)[^;]{0,80}?\"(?P<port>\d{2,5})\"",
    r"\(\s*\[\s*(?:0,\s*){3}0\s*\]\s*,\s*(?P<port>\d{2,5})",
    r"\"(?:0\.0\.0\.0|127\.0\.0\.1|\[::\]):(?P<port>\d{2,5})\"",
)
_READ = r"env::var\(\s*\"(?P<name>[A-Z][A-Z0-9_]+)\"\s*\)(?:\s*\.unwrap_or(?:_else)?\((?P<default>[^)\n]{1,80})\))?"
_PROGRAMS = re.compile(r"\bcargo\b|target/release/|^\./bin/")
_NEEDS = {
    "postgresql": ("sqlx", "diesel", "tokio-postgres"),
    "redis": ("redis",),
    "kafka": ("rdkafka",),
    "mongodb": ("mongodb",),
}


def read(folder: Folder, name: str) -> Component | None:
    """The crate in this folder: a service where it has a binary, else a library or the root of a workspace."""
    manifest = folder.toml("Cargo.toml")
    marked = "Cargo.toml" in folder.files
    if not marked and not folder.has("main.rs", "src/main.rs"):
        return None
    package, depends = as_table(manifest.get("package")), _depends(folder, manifest)
    programs, own = _programs(folder, manifest), as_text(package.get("name"))
    named = as_text(package.get("default-run"))
    chosen = named if named in programs else programs[0] if programs else ""
    line_tool = (
        folder.inside
        and {"clap", "structopt", "argh"} & depends
        and not depends & {*FRAMEWORKS, "tokio-tungstenite", "async-std"}
    )
    processed = serving.started_by_procfile(folder, _PROGRAMS)
    version, said = _version(folder, as_text(package.get("rust-version")))
    port, port_evidence = serving.port(folder, ENDINGS, _PORTS, (), 8080)
    health, health_evidence = serving.health_path(folder, ENDINGS)
    metrics, metrics_evidence = serving.metrics_path(
        folder, ENDINGS, depends, ("axum-prometheus", "actix-web-prom", "prometheus"), "Cargo.toml"
    )
    lock_folder = folder.workspace or folder
    lock = "Cargo.lock" if "Cargo.lock" in lock_folder.files else ""
    if chosen and not lock:
        folder.warn(f"{folder.title} builds a program and Cargo.lock is not committed: two builds may differ.")
    if chosen:
        locked.warn(folder, lock_folder, lock, _names(manifest, lock_folder), "Cargo.toml")
    why = Evidence(folder.path("Cargo.toml"), None, f"builds the program {chosen}") if chosen else None
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language="Rust",
        version=version,
        framework=next((one for one in FRAMEWORKS if one in depends), ""),
        package_manager="cargo",
        lock_file=lock,
        build=("cargo", "build", "--release", *(("--locked",) if lock else ()), "--bin", chosen) if chosen else (),
        test=("cargo", "test", *(("--locked",) if lock else ()), *(("--package", own) if folder.inside and own else ())),
        start=processed[0] if processed else (f"./{chosen}",) if chosen else (),
        port=port,
        health_path=health,
        metrics_path=metrics,
        settings=serving.settings(folder, ENDINGS, strict=(_READ,)),
        evidence=(
            *((Evidence(folder.path("Cargo.toml"), None, "says that this is Rust"),) if marked else ()),
            *said, *((why,) if why else ()), port_evidence, *health_evidence, *metrics_evidence,
        ),
        confidence="certain" if chosen and len(programs) == 1 else "likely",
        alternatives=tuple(f"the program {one}" for one in programs if one != chosen),
        role=Role.SERVICE if chosen and not line_tool else Role.LIBRARY,
        grounds=Grounds.PROCESS if processed else Grounds.MANIFEST if marked else Grounds.SOURCES,
        workspace=folder.workspace.root if folder.workspace else None,
        needs=serving.needs(depends, _NEEDS),
    )  # fmt: skip


def _depends(folder: Folder, manifest: dict[str, Any]) -> set[str]:
    return {*as_table(manifest.get("dependencies")), *as_table(as_table(manifest.get("workspace")).get("dependencies"))}


def _names(manifest: dict[str, Any], top: Folder) -> list[str]:
    """The crates that this one asks for, by their own names. https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html"""
    shared = as_table(as_table(top.toml("Cargo.toml").get("workspace")).get("dependencies"))
    found = []
    for name, said in as_table(manifest.get("dependencies")).items():
        table = as_table(shared.get(name)) if as_table(said).get("workspace") else as_table(said)
        found.append(as_text(table.get("package")) or name)
    return found


def _programs(folder: Folder, manifest: dict[str, Any]) -> list[str]:
    """The names of the crate's binaries, the one of `src/main.rs` first."""
    bins = manifest.get("bin")
    tables = [as_table(one) for one in bins] if isinstance(bins, list) else []
    named = [as_text(one.get("name")) for one in tables if as_text(one.get("name"))]
    own = as_text(as_table(manifest.get("package")).get("name"))
    main = "src/main.rs" in folder.files and not any(as_text(one.get("path")) == "src/main.rs" for one in tables)
    found = [own] if own and main else []
    found += named
    found += sorted(one[8:-3] for one in folder.files if re.fullmatch(r"src/bin/[\w-]+\.rs", one))
    found += sorted(one.split("/")[2] for one in folder.files if re.fullmatch(r"src/bin/[\w-]+/main\.rs", one))
    return [one for one in dict.fromkeys(found) if re.fullmatch(r"[\w-]+", one)]


def _version(folder: Folder, minimum: str) -> tuple[str, list[Evidence]]:
    for place in (folder, folder.workspace):
        if place is None:
            continue
        for file in ("rust-toolchain.toml", "rust-toolchain"):
            text = (
                as_text(as_table(place.toml(file).get("toolchain")).get("channel"))
                if file.endswith("toml")
                else place.text(file).strip()
            )
            if re.fullmatch(r"[\w.-]{1,40}", text):
                return text, [Evidence(place.path(file), None, f"asks for the toolchain {text}")]
    managed = pinning.pinned(folder, "rust")
    if managed:
        return managed[0], [managed[1]]
    return "", [Evidence(folder.path("Cargo.toml"), None, f"needs at least Rust {minimum}")] if minimum else []
