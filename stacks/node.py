"""Node and Bun: started by the start script or the main file.

https://docs.npmjs.com/cli/configuring-npm/package-json
"""

from collections.abc import Mapping
from typing import Any

import patterns
from stacks import (
    node_commands,
    node_grounds,
    node_locks,
    node_nx,
    node_packages,
    node_serving,
    node_site,
    node_start,
    node_version,
    node_workspaces,
    pinning,
    processes,
)
from stacks.components import Component, Evidence, Role
from stacks.family import Family
from stacks.folder import Folder
from stacks.node_packages import Manager
from stacks.node_serving import ENDINGS
from stacks.node_site import Site
from stacks.node_start import Start
from stacks.values import as_table

ENTRIES = (
    *("server.js", "index.js", "app.js", "main.js", "server.mjs", "index.mjs"),
    *("server.ts", "index.ts", "app.ts", "main.ts"),
)


def read(folder: Folder, name: str) -> Component | None:
    """The service or site in this folder; a library or the root of a workspace if nothing in it starts."""
    marker = folder.has("package.json", "package.json5", "package.yaml")
    if not marker and node_nx.is_project(folder):
        marker = "project.json"
    if not marker and (not folder.has(*ENTRIES) or folder.has("index.html")):
        return None  # without a manifest, scripts beside a start page belong to the page
    manifest = folder.json("package.json") or folder.yaml("package.yaml")
    return _component(folder, name, manifest, marker)


def _component(folder: Folder, name: str, manifest: Mapping[str, Any], marker: str) -> Component:
    depends, for_development = as_table(manifest.get("dependencies")), as_table(manifest.get("devDependencies"))
    manager = node_packages.manager(folder, manifest)
    start, site = _start_or_site(folder, manifest, manager)
    version, version_file, version_evidence = node_version.version(folder, manifest)
    endpoints = node_serving.endpoints(folder, depends, start, site)
    if start or site:
        node_locks.warn(folder, manager, bool(depends or for_development))
    commands = node_commands.commands(folder, manifest, manager, marker, deployed=bool(start or site))
    identified = [Evidence(folder.path(marker), None, "identifies this as Node")] if marker else []
    top = node_workspaces.top(folder)
    own_lock = manager.lock_file if top is folder and "package.json" in folder.files else ""
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY.name,
        language=_language(folder),
        version=version,
        version_file=version_file,
        framework=node_start.framework({**for_development, **depends}, site is not None),
        package_manager=manager.name,
        lock_file=manager.lock_file,
        manifests=("package.json", own_lock) if own_lock else (),
        install=commands.install,
        install_production=commands.install_production,
        build=commands.build,
        test=commands.test,
        start=start.command if start else (),
        port=endpoints.port,
        health_path=endpoints.health_path,
        metrics_path=endpoints.metrics_path,
        settings=node_serving.settings(folder),
        evidence=(*identified, *version_evidence, *([start.evidence] if start else []), *endpoints.evidence),
        confidence=start.confidence if start else "likely" if site else "guess",
        alternatives=processes.others(folder),
        role=Role.SERVICE if start else Role.SITE if site else Role.LIBRARY,
        grounds=node_grounds.grounds(folder, manifest, marker, start, site is not None),
        workspace=top.root if top is not folder else None,
        output=site.output if site else "",
        needs=node_serving.needs(depends),
    )


def _start_or_site(folder: Folder, manifest: Mapping[str, Any], manager: Manager) -> tuple[Start | None, Site | None]:
    """At most one of the two: only a certain start command counts more than a site."""
    start = node_start.start(folder, manifest, manager)
    site = node_site.site(folder, manifest) if start is None or start.confidence != "certain" else None
    return (None if site else start), site


def _language(folder: Folder) -> str:
    if folder.has("tsconfig.json"):
        return "TypeScript"
    javascript = folder.contains(".js", ".mjs", ".cjs", ".jsx")
    return "TypeScript" if folder.contains(".ts", ".tsx") and not javascript else "JavaScript"


FAMILY = Family(
    name="node",
    read=read,
    markers=(
        *("package.json", "package.json5", "package.yaml", "project.json"),
        *("pnpm-workspace.yaml", "lerna.json", "rush.json", "nx.json"),
    ),
    manifests=(
        *("package.json", "package.yaml", "project.json", "pnpm-workspace.yaml", "lerna.json", "rush.json", "nx.json"),
        *("turbo.json", "package-lock.json", ".nvmrc", ".node-version", ".bun-version", *pinning.MANIFESTS),
        *node_start.MANIFESTS,
    ),
    entries=ENTRIES,
    endings=ENDINGS,
    lock_files=node_locks.LOCK_FILES,
    images=patterns.compile(r"(?:^|/)(?:node|oven/bun)$"),
    members=node_workspaces.members,
)
