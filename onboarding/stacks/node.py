"""Node and Bun: started by the start script or the main file. https://docs.npmjs.com/cli/configuring-npm/package-json"""

import re
from collections.abc import Mapping
from typing import Any

from onboarding.stacks import node_packages, node_site, node_start, pinning, serving
from onboarding.stacks.components import Command, Component, Evidence, Grounds, Role
from onboarding.stacks.folder import Folder, as_table, as_text
from onboarding.stacks.runtimes import Runtime

FAMILY = "node"
MARKERS = (
    *("package.json", "package.json5", "package.yaml", "project.json"),
    *("pnpm-workspace.yaml", "lerna.json", "rush.json", "nx.json"),
)
MANIFESTS = (
    *("package.json", "package.yaml", "project.json", "pnpm-workspace.yaml", "lerna.json", "rush.json", "nx.json", "turbo.json"),
    *("package-lock.json", ".nvmrc", ".node-version", ".bun-version", *pinning.MANIFESTS, *node_start.MANIFESTS),
)  # fmt: skip
ENTRIES = (
    *("server.js", "index.js", "app.js", "main.js", "server.mjs", "index.mjs"),
    *("server.ts", "index.ts", "app.ts", "main.ts"),
)
ENDINGS = (".js", ".mjs", ".cjs", ".ts", ".mts")
RUNTIME = Runtime(
    "Node",
    default="24",
    supported=("22", "24"),
    ended=("12", "14", "16", "18", "20"),
    as_of="2026-11",  # https://nodejs.org/en/about/previous-releases
)
_PORT = r"process\.env(?:\.PORT\b|\[[\"']PORT[\"']\])"
_PORTS = (
    rf"{_PORT}\s*(?:\|\||\?\?)\s*[\"']?(?P<port>\d{{2,5}})",
    r"\.listen\(\s*(?P<port>\d{2,5})\b",
    r"\.listen\(\s*\{[^}\n]{0,200}\bport\s*:\s*(?P<port>\d{2,5})\b",
    r"\b(?:const|let|var)\s+(?:port|PORT)\s*=\s*(?P<port>\d{2,5})\b",
)
_SETTING = (
    r"process\.env(?:\.|\[[\"'])(?P<name>[A-Z][A-Z0-9_]+)\b(?:[\"']\])?(?!\s*=[^=])"
    r"(?:\s*(?:\|\||\?\?)\s*(?P<default>[^;,)\n]{1,80}))?"
)
_METRICS = ("prom-client", "express-prom-bundle", "fastify-metrics", "@willsoto/nestjs-prometheus")
_NEEDS = {
    "postgresql": ("pg", "postgres", "@prisma/adapter-pg"), "mysql": ("mysql", "mysql2"), "mongodb": ("mongodb", "mongoose"),
    "redis": ("redis", "ioredis", "bullmq"), "kafka": ("kafkajs", "node-rdkafka"), "rabbitmq": ("amqplib",),
    "elasticsearch": ("@elastic/elasticsearch",), "nats": ("nats",),
}  # fmt: skip


def read(folder: Folder, name: str) -> Component | None:
    """The service or site in this folder; a library, or a root of workspaces, where nothing of it is started."""
    marker = folder.has("package.json", "package.json5", "package.yaml") or _nx(folder)
    if not marker and (not folder.has(*ENTRIES) or folder.has("index.html")):
        return None  # without a manifest, scripts beside a start page are the page's
    manifest = folder.json("package.json") or folder.yaml("package.yaml")
    scripts = as_table(manifest.get("scripts"))
    depends, for_development = as_table(manifest.get("dependencies")), as_table(manifest.get("devDependencies"))
    manager = node_packages.manager(folder, manifest)
    started = node_start.start(folder, manifest, manager)
    site = node_site.site(folder, manifest) if started is None or started.confidence != "certain" else None
    if site is not None:
        started = None
    version, version_file, said = _version(folder, as_text(as_table(manifest.get("engines")).get("node")))
    start: Command = started.command if started else ()
    usual = 3000 if started else 8080
    port, port_evidence = serving.port(folder, ENDINGS, _PORTS, start, usual)
    if site is not None:
        port, port_evidence = 8080, site.evidence
    health, health_evidence = serving.health_path(folder, ENDINGS) if started else ("/", ())
    metrics, metrics_evidence = (
        serving.metrics_path(folder, ENDINGS, depends, _METRICS, "package.json") if started else ("", ())
    )
    if started or site:
        node_packages.warn_of_locks(folder, manager, bool(depends or for_development))
    needs_everything = bool(set(as_text(scripts.get("start")).split()) & set(for_development))
    language = (
        "TypeScript"
        if folder.has("tsconfig.json")
        or (not folder.below(".js", ".mjs", ".cjs", ".jsx") and folder.below(".ts", ".tsx"))
        else "JavaScript"
    )
    evidence = [Evidence(folder.path(marker), None, "says that this is Node")] if marker else []
    evidence += said
    evidence += [started.evidence] if started else []
    alone = node_packages.top(folder) is folder
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language=language,
        version=version,
        version_file=version_file,
        framework=node_start.framework(folder, {**for_development, **depends}, site is not None),
        package_manager=manager.name,
        lock_file=manager.lock_file,
        manifests=("package.json", manager.lock_file) if manager.lock_file and alone and "package.json" in folder.files else (),
        install=manager.install if depends or for_development or not alone else (),
        install_production=(manager.install if needs_everything else manager.production) if depends or not alone else (),
        build=_build(folder, scripts, manager, marker) if started or site else (),
        test=_test(folder, as_text(scripts.get("test")), manager, bool(started or site)),
        start=start,
        port=port,
        health_path=health,
        metrics_path=metrics,
        settings=serving.settings(folder, ENDINGS, _SETTING),
        evidence=(*evidence, port_evidence, *health_evidence, *metrics_evidence),
        confidence=started.confidence if started else "likely" if site else "guess",
        alternatives=serving.other_processes(folder),
        role=Role.SERVICE if started else Role.SITE if site else Role.LIBRARY,
        grounds=_grounds(folder, manifest, marker, started, site is not None),
        workspace=None if alone else node_packages.top(folder).root,
        output=site.output if site else "",
        needs=serving.needs(depends, _NEEDS),
    )  # fmt: skip


def _nx(folder: Folder) -> str:
    """Nx names its projects in files of their own. https://nx.dev/docs/reference/project-configuration"""
    return (
        "project.json"
        if as_table(folder.json("project.json").get("targets")) or "nx" in folder.text("project.json")
        else ""
    )


_OTHERS = (
    *("Gemfile", "composer.json", "mix.exs", "go.mod", "pom.xml", "build.gradle", "build.gradle.kts", "Cargo.toml"),
    *("deno.json", "deno.jsonc", "manage.py", "artisan", "build.sbt"),
)
_COMPILED = ("project.clj", "deps.edn", "shadow-cljs.edn", "build.boot")
"""What Node runs here is compiled from ClojureScript."""


def _grounds(
    folder: Folder, manifest: Mapping[str, Any], marker: str, started: node_start.Started | None, site: bool
) -> Grounds:
    """Beside another language's manifest a package.json mostly serves its pages: unless it starts a server itself."""
    if started is not None and started.by_process and not folder.has(*_COMPILED):
        return Grounds.PROCESS
    beside = folder.has(*_OTHERS, *_COMPILED) or folder.ending(".csproj", ".fsproj")
    if beside and (site or started is None or started.confidence != "certain"):
        return Grounds.COMPANION
    if started is None and not site and not folder.below(*ENDINGS):
        return Grounds.COMPANION
    if not manifest and marker == "package.json" and not started and not site:
        return Grounds.COMPANION if folder.has("requirements.txt", "pyproject.toml") else Grounds.MANIFEST
    return Grounds.MANIFEST if marker else Grounds.SOURCES


def _version(folder: Folder, engines: str) -> tuple[str, str, list[Evidence]]:
    """(version, the file of this folder that pins it, evidence)."""
    for place in (folder, folder.workspace):
        if place is None:
            continue
        for name in (".nvmrc", ".node-version"):
            pinned = re.match(r"\s*v?(\d{1,3})", place.text(name))
            if pinned:
                evidence = Evidence(place.path(name), 1, f"asks for Node {pinned[1]}")
                return _known(folder, pinned[1], name if place is folder else "", evidence)
    allowed = RUNTIME.allowed(engines)
    if allowed:
        return _known(folder, allowed, "", Evidence(folder.path("package.json"), None, f"engines.node is {engines}"))
    managed = pinning.pinned(folder, "node", "nodejs")
    return _known(folder, managed[0].split(".")[0], "", managed[1]) if managed else ("", "", [])


def _known(folder: Folder, version: str, file: str, evidence: Evidence) -> tuple[str, str, list[Evidence]]:
    known, said = pinning.known(folder, RUNTIME, version, evidence)
    return known, file, said


def _build(folder: Folder, scripts: Mapping[str, Any], manager: node_packages.Manager, marker: str) -> Command:
    """The build script; in a workspace with what it builds on first."""
    if marker == "project.json" and folder.inside:
        return ("npx", "nx", "build", folder.root.rpartition("/")[2])
    if not scripts.get("build"):
        return ()
    return node_packages.script(folder, manager, "build", with_others=True)


def _test(folder: Folder, script: str, manager: node_packages.Manager, started: bool) -> Command:
    if script and "no test specified" not in script:
        if node_packages.top(folder) is not folder:
            return node_packages.script(folder, manager, "test")
        return ("npm", "test") if manager.run[0] == "npm" else (*manager.run, "test")
    if started:
        folder.warn(f"{folder.path('package.json')} has no test script; its pipeline only builds.")
    return ()
