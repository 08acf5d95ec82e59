"""Rust: the binary that Cargo builds. https://doc.rust-lang.org/cargo/reference/cargo-targets.html"""

from typing import Any

import patterns
from stacks import lock_files, pinning, processes, rust_crates, rust_version, serving
from stacks.components import Component, Evidence, Grounds, Role
from stacks.family import Family
from stacks.folder import Folder
from stacks.lock_files import TOML_PACKAGE, LockFile
from stacks.values import as_table, as_text

ENDINGS = (".rs",)
FRAMEWORKS = ("actix-web", "axum", "rocket", "warp", "poem", "salvo", "tide", "tonic", "hyper")
_PORTS = tuple(
    patterns.compile(port, multiline=True)
    for port in (
        r"env::var\(\s*\"PORT\"\s*\)[^;]{0,80}?\"(?P<port>\d{2,5})\"",
        r"\(\s*\[\s*(?:0,\s*){3}0\s*\]\s*,\s*(?P<port>\d{2,5})",
        r"\"(?:0\.0\.0\.0|127\.0\.0\.1|\[::\]):(?P<port>\d{2,5})\"",
    )
)
_READ = patterns.repeated(
    r"env::var\(\s{0,40}\"(?P<name>[A-Z][A-Z0-9_]{1,100})\"\s{0,40}\)"
    r"(?:\s{0,40}\.unwrap_or(?:_else)?\((?P<default>[^)\n]{1,80})\))?"
)
_PROGRAMS = patterns.compile(r"\bcargo\b|target/release/|^\./bin/")
_NEEDS = {
    "postgresql": ("sqlx", "diesel", "tokio-postgres"),
    "redis": ("redis",),
    "kafka": ("rdkafka",),
    "mongodb": ("mongodb",),
}
_METRICS = ("axum-prometheus", "actix-web-prom", "prometheus")
_LOCK = LockFile(TOML_PACKAGE, "cargo build --locked", "cargo update --workspace")


def read(folder: Folder, name: str) -> Component | None:
    """The crate in this folder: a service if it has a binary, or else a library or the root of a workspace."""
    marked = "Cargo.toml" in folder.files
    if not marked and not folder.has("main.rs", "src/main.rs"):
        return None
    return _component(folder, name, folder.toml("Cargo.toml"), marked=marked)


def _component(folder: Folder, name: str, manifest: dict[str, Any], *, marked: bool) -> Component:
    package, depends = as_table(manifest.get("package")), rust_crates.dependencies(manifest)
    programs, crate = rust_crates.programs(folder, manifest), as_text(package.get("name"))
    default = as_text(package.get("default-run"))
    program = default if default in programs else programs[0] if programs else ""
    declared = processes.declared_start(folder, _PROGRAMS)
    version, version_evidence = rust_version.version(folder, as_text(package.get("rust-version")))
    endpoints = _endpoints(folder, depends)
    lock = "Cargo.lock" if "Cargo.lock" in (folder.workspace or folder).files else ""
    if program:
        _warn(folder, manifest, lock)
    identified = [Evidence(folder.path("Cargo.toml"), None, "identifies this as Rust")] if marked else []
    built = [Evidence(folder.path("Cargo.toml"), None, f"builds the program {program}")] if program else []
    locked = ("--locked",) if lock else ()
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY.name,
        language="Rust",
        version=version,
        framework=next((framework for framework in FRAMEWORKS if framework in depends), ""),
        package_manager="cargo",
        lock_file=lock,
        build=("cargo", "build", "--release", *locked, "--bin", program) if program else (),
        test=("cargo", "test", *locked, *(("--package", crate) if folder.inside and crate else ())),
        start=declared[0] if declared else (f"./{program}",) if program else (),
        port=endpoints.port,
        health_path=endpoints.health_path,
        metrics_path=endpoints.metrics_path,
        settings=serving.settings(folder, ENDINGS, strict=(_READ,)),
        evidence=(*identified, *version_evidence, *built, *endpoints.evidence),
        confidence="certain" if program and len(programs) == 1 else "likely",
        alternatives=tuple(f"the program {other}" for other in programs if other != program),
        role=Role.SERVICE if program and not _is_command_line_tool(folder, depends) else Role.LIBRARY,
        grounds=Grounds.PROCESS if declared else Grounds.MANIFEST if marked else Grounds.SOURCES,
        workspace=folder.workspace.root if folder.workspace else None,
        needs=serving.needs(depends, _NEEDS),
    )


def _endpoints(folder: Folder, depends: set[str]) -> serving.Endpoints:
    return serving.endpoints(
        serving.port(folder, ENDINGS, _PORTS, (), 8080),
        serving.health_path(folder, ENDINGS),
        serving.metrics_path(folder, ENDINGS, depends, _METRICS, "Cargo.toml"),
    )


def _is_command_line_tool(folder: Folder, depends: set[str]) -> bool:
    """Whether a member of a workspace parses arguments and depends on nothing that serves."""
    parses = bool({"clap", "structopt", "argh"} & depends)
    return bool(folder.inside) and parses and not depends & {*FRAMEWORKS, "tokio-tungstenite", "async-std"}


def _warn(folder: Folder, manifest: dict[str, Any], lock: str) -> None:
    top = folder.workspace or folder
    if not lock:
        folder.warn(
            f"Cargo.lock is not committed for the program in {folder.title}: two builds may differ. Commit Cargo.lock."
        )
    lock_files.warn_if_stale(
        folder, top, lock, FAMILY.lock_files.get(lock), rust_crates.crates(manifest, top), "Cargo.toml"
    )


FAMILY = Family(
    name="rust",
    read=read,
    markers=("Cargo.toml",),
    manifests=("Cargo.toml", "rust-toolchain.toml", "rust-toolchain", *pinning.MANIFESTS),
    entries=("src/main.rs", "main.rs"),
    endings=ENDINGS,
    lock_files={"Cargo.lock": _LOCK},
    images=patterns.compile(r"(?:^|/)rust$|cargo-chef"),
    members=rust_crates.members,
)
