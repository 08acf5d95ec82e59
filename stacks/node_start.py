"""How a Node service starts: as its scripts declare, or else as is usual for its framework."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import patterns
from stacks import node_exports, node_frameworks, node_nx, node_packages, node_site_builders, node_workspaces, processes
from stacks.components import START_COMMAND, Command, Evidence
from stacks.folder import Folder
from stacks.values import as_table, as_text

MANIFESTS = (
    *("next.config.js", "next.config.mjs", "next.config.ts", "astro.config.mjs", "astro.config.ts", "astro.config.js"),
    *("svelte.config.js", "react-router.config.ts", "app.json", "angular.json", "nuxt.config.ts"),
    *("vite.config.ts", "vite.config.js"),
)
_FOR_DEVELOPMENT = patterns.compile(
    r"^(npx |cross-env (\w+=\S+ )*)?(vite|ng serve|ng|react-scripts|astro|gatsby|parcel|docusaurus|expo|webpack|"
    r"webpack-dev-server|"
    r"(tsc|tsup|rollup|tsdx|microbundle|esbuild|swc|babel|jest|tsx|ts-node-dev)\b.*(\s-w\b|--watch\b|\bwatch\b)|"
    r"tsdx|storybook|start-storybook|electron|react-native|nodemon|vue-cli-service|http-server|live-server|eleventy|"
    r"vitepress|next dev|nuxt dev|nuxi dev|remix dev|nx serve|preact)\b(?P<preview> preview)?"
)
_PROGRAMS = patterns.compile(
    r"\b(node|npm|npx|yarn|pnpm|bun|bunx|next|nuxt|nest|ts-node|tsx|pm2-runtime)\b|\.[cm]?[jt]s\b"
)
_MAIN_NAMES = (
    *("server.js", "index.js", "app.js", "main.js", "server.mjs", "index.mjs"),
    *("server.ts", "index.ts", "app.ts", "main.ts"),
)
_ENDINGS = (".js", ".mjs", ".cjs")
_LISTENS = patterns.compile(r"\.listen\(|createServer\(|\bserve\(|\.login\(|setInterval\(")
_BY_NODE = patterns.compile(r"node\s+[\w./-]+")
_NODE_SERVER = patterns.compile(r"@n(x|rwl)/(js|node):(node|execute)$")
_NODE_BUILD = patterns.compile(r"@n(x|rwl)/(node|esbuild|js)\b")
_EXPORTS = patterns.compile(r"^[ \t]*(module\.exports|exports\.\w+|export\s)", multiline=True)


@dataclass(frozen=True)
class Start:
    """`by_process`: a Procfile declares the command."""

    command: Command
    evidence: Evidence
    confidence: str
    by_process: bool = False


def framework(depends: Collection[str], site: bool) -> str:
    """The framework among the packages, or for a site the site builder; empty if there is none."""
    names = (*node_frameworks.FRAMEWORKS, *(node_site_builders.BUILDERS if site else ()))
    return next((name for name in names if name in depends), "")


def start(folder: Folder, manifest: Mapping[str, Any], manager: node_packages.Manager) -> Start | None:
    """How the folder's service starts in production, or None if nothing shows it."""
    declared = processes.declared_start(folder, _PROGRAMS)
    if declared is not None:
        return Start(*declared, "certain", by_process=True)
    depends = {**as_table(manifest.get("devDependencies")), **as_table(manifest.get("dependencies"))}
    path = folder.path(folder.has("package.json", "package.json5", "package.yaml") or "project.json")
    script = _production_script(manifest)
    exported = "next start" in script and node_exports.exports(folder)
    if _BY_NODE.fullmatch(script):  # without npm in between, signals reach the program itself
        return Start(tuple(script.split()), Evidence(path, None, f"{START_COMMAND}{script}"), "certain")
    if script and not exported:
        return Start(_script_command(manager.run), Evidence(path, None, f"{START_COMMAND}{script}"), "certain")
    if "package.json5" in folder.files and "package.json" not in folder.files:
        evidence = Evidence(path, None, "is not parsed; Onramp assumes that it has a start script")
        return Start(_script_command(manager.run), evidence, "guess")
    if not script and node_workspaces.is_workspace_root(folder, manifest):
        # The packages belong to its members; only a main file that it names is its own.
        return _by_main(folder, manifest, depends, manager) if "main" in manifest or "module" in manifest else None
    usual = node_frameworks.start(folder, depends, path)
    by_framework = Start(*usual) if usual else None
    by_nx = _by_nx(folder)  # before anything returns: its warnings count in any case
    return by_framework or by_nx or _by_main(folder, manifest, depends, manager)


def _production_script(manifest: Mapping[str, Any]) -> str:
    script = as_text(as_table(manifest.get("scripts")).get("start")).strip()
    development = _FOR_DEVELOPMENT.search(script)
    for_development = development is not None and not development["preview"]
    return "" if for_development or len(script) > processes.MAX_COMMAND else script


def _script_command(run: Command) -> Command:
    return ("npm", "start") if run[0] == "npm" else (*run, "start")


def _by_nx(folder: Folder) -> Start | None:
    """An application of Nx that is built for Node."""
    build = node_nx.build(folder)
    if build is None:
        return None
    node = build.options.get("target") == "node" or _NODE_SERVER.search(build.server)
    if not node and not _NODE_BUILD.search(build.executor):
        return None
    up = "../" * (folder.inside.count("/") + 1) if folder.inside else ""
    evidence = Evidence(folder.path("project.json"), None, f"is an application that {build.executor} builds")
    return Start(("node", f"{up}{node_nx.output(folder, build)}/main.js"), evidence, "likely")


def _by_main(
    folder: Folder, manifest: Mapping[str, Any], depends: Mapping[str, Any], manager: node_packages.Manager
) -> Start | None:
    """A main file that listens; without its text, that of a package that is no library and builds no site."""
    program = "bun" if manager.name == "bun" else "node"
    endings = (*_ENDINGS, ".ts", ".mts") if program == "bun" else _ENDINGS
    serves = not node_packages.SERVERS.isdisjoint(depends)
    may_guess = serves or not any(builder in depends for builder in node_site_builders.BUILDERS)
    main = as_text(manifest.get("main")).removeprefix("./") or as_text(manifest.get("module")).removeprefix("./")
    library = manifest.get("private") is False or "exports" in manifest or "files" in manifest or "types" in manifest
    member = node_workspaces.top(folder) is not folder
    for file in (main, *_MAIN_NAMES, *(f"src/{name}" for name in _MAIN_NAMES)):
        if file not in folder.files or not file.endswith(endings):
            continue
        if _LISTENS.search(folder.text(file)):
            return Start((program, file), Evidence(folder.path(file), None, "listens for requests"), "likely")
        if folder.fetched(file) and not (may_guess and _runs(folder, manifest, file)):
            continue
        if may_guess and not library and (serves or not member):
            return Start((program, file), Evidence(folder.path(file), None, "has the name of a main file"), "guess")
    return None


def _runs(folder: Folder, manifest: Mapping[str, Any], file: str) -> bool:
    """Whether a fetched file is a program: it exports nothing, and the package is no published library."""
    text = folder.text(file)
    exports = _EXPORTS.search(text)
    return not exports and bool(text.strip()) and ("main" not in manifest or manifest.get("private") is True)
