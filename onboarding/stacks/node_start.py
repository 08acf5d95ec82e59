"""How something of Node's is started: what its scripts say, else what its framework is usually started with."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from onboarding.stacks import node_nx, node_packages, node_site, serving
from onboarding.stacks.components import Command, Evidence
from onboarding.stacks.folder import MAX_COMMAND, Folder, as_table, as_text

MANIFESTS = (
    *("next.config.js", "next.config.mjs", "next.config.ts", "astro.config.mjs", "astro.config.ts", "astro.config.js"),
    *("svelte.config.js", "react-router.config.ts", "app.json", "angular.json", "nuxt.config.ts", "vite.config.ts", "vite.config.js"),
)  # fmt: skip
FRAMEWORKS = (
    *("next", "nuxt", "@nestjs/core", "@remix-run/serve", "@react-router/serve", "@sveltejs/kit", "astro", "@tanstack/react-start"),
    *("express", "fastify", "koa", "@hapi/hapi", "hono", "@adonisjs/core", "restify", "@apollo/server", "socket.io", "polka", "sails"),
)  # fmt: skip
_FOR_DEVELOPMENT = re.compile(
    r"^(npx |cross-env (\w+=\S+ )*)?(vite|ng serve|ng|react-scripts|astro|gatsby|parcel|docusaurus|expo|webpack|webpack-dev-server|"
    r"(tsc|tsup|rollup|tsdx|microbundle|esbuild|swc|babel|jest|tsx|ts-node-dev)\b.*(\s-w\b|--watch\b|\bwatch\b)|tsdx|storybook|start-storybook|electron|"
    r"react-native|nodemon|vue-cli-service|http-server|live-server|eleventy|vitepress|next dev|nuxt dev|nuxi dev|remix dev|nx serve|preact)\b(?! preview)"
)
_PROGRAMS = re.compile(r"\b(node|npm|npx|yarn|pnpm|bun|bunx|next|nuxt|nest|ts-node|tsx|pm2-runtime)\b|\.[cm]?[jt]s\b")
_ENTRIES = (
    *("server.js", "index.js", "app.js", "main.js", "server.mjs", "index.mjs"),
    *("server.ts", "index.ts", "app.ts", "main.ts"),
)
_SCRIPTS = (".js", ".mjs", ".cjs")


@dataclass(frozen=True)
class Started:
    command: Command
    evidence: Evidence
    confidence: str
    by_process: bool = False


def framework(folder: Folder, depends: Collection[str], site: bool) -> str:
    found = next((one for one in FRAMEWORKS if one in depends), "")
    return found or (next((one for one in node_site.BUILDERS if one in depends), "") if site else "")


def start(folder: Folder, manifest: Mapping[str, Any], manager: node_packages.Manager) -> Started | None:
    """What starts it for production, or None."""
    depends = {**as_table(manifest.get("devDependencies")), **as_table(manifest.get("dependencies"))}
    place = folder.path(folder.has("package.json", "package.json5", "package.yaml") or "project.json")
    processed = serving.started_by_procfile(folder, _PROGRAMS)
    if processed is not None:
        return Started(*processed, "certain", by_process=True)
    script = as_text(as_table(manifest.get("scripts")).get("start")).strip()
    script = "" if _FOR_DEVELOPMENT.search(script) or len(script) > MAX_COMMAND else script
    exported = script and "next start" in script and node_site.exports(folder)
    if re.fullmatch(r"node\s+[\w./-]+", script):  # without npm in between signals reach the program itself
        return Started(tuple(script.split()), Evidence(place, None, f"starts with: {script}"), "certain")
    if script and not exported:
        return Started(_script_command(manager.run), Evidence(place, None, f"starts with: {script}"), "certain")
    if "package.json5" in folder.files and "package.json" not in folder.files:
        return Started(
            _script_command(manager.run), Evidence(place, None, "is not read; its start script is believed"), "guess"
        )
    if not script and node_packages.is_workspace_root(folder, manifest):
        # The packages are its members'; only a main file that it names is its own.
        return _by_main(folder, manifest, depends, manager) if "main" in manifest or "module" in manifest else None
    for found in (
        _by_framework(folder, depends, place, exported=bool(exported)),
        _by_nx(folder),
        _by_main(folder, manifest, depends, manager),
    ):
        if found is not None:
            return found
    return None


def _script_command(run: Command) -> Command:
    return ("npm", "start") if run[0] == "npm" else (*run, "start")


def _by_framework(folder: Folder, depends: Mapping[str, Any], place: str, *, exported: bool) -> Started | None:
    """Frameworks whose build is started in one way."""
    found: Command = ()
    said = ""
    if "next" in depends and not exported and not node_site.exports(folder):
        found, said = ("npx", "next", "start"), "next"
    elif "nuxt" in depends:
        found, said = ("node", ".output/server/index.mjs"), "nuxt"
    elif "@sveltejs/kit" in depends and (
        "@sveltejs/adapter-node" in depends or "adapter-node" in folder.text("svelte.config.js")
    ):
        found, said = ("node", "build"), "@sveltejs/adapter-node"
    elif "@sveltejs/kit" in depends and "@sveltejs/adapter-static" not in depends:
        folder.warn(
            f"{place} names no adapter of SvelteKit that serves; add @sveltejs/adapter-node, or @sveltejs/adapter-static for files alone."
        )
        return Started(("node", "build"), Evidence(place, None, "depends on @sveltejs/kit"), "guess")
    elif "astro" in depends and "@astrojs/node" in depends:
        found, said = ("node", "./dist/server/entry.mjs"), "@astrojs/node"
    elif "@nestjs/core" in depends:
        found, said = ("node", "dist/main"), "@nestjs/core"
    elif "@remix-run/serve" in depends:
        found, said = ("npx", "remix-serve", "build/server/index.js"), "@remix-run/serve"
    elif "@react-router/serve" in depends and not re.search(
        r"\bssr\s*:\s*false", folder.text("react-router.config.ts")
    ):
        found, said = ("npx", "react-router-serve", "build/server/index.js"), "@react-router/serve"
    elif "@tanstack/react-start" in depends or "@tanstack/solid-start" in depends:
        served = (
            "npx",
            "srvx",
            "--prod",
            "-s",
            "../client",
            "dist/server/server.js",
        )  # https://tanstack.com/start/latest/docs/framework/react/guide/hosting
        found, said = ("node", ".output/server/index.mjs") if "nitro" in depends else served, "@tanstack/react-start"
    return Started(found, Evidence(place, None, f"depends on {said}"), "likely") if found else None


def _by_nx(folder: Folder) -> Started | None:
    """An application of Nx that is built for Node."""
    options, executor, serve = node_nx.build(folder)
    for_node = options.get("target") == "node" or re.search(r"@n(x|rwl)/(js|node):(node|execute)$", serve)
    if not executor or not (for_node or re.search(r"@n(x|rwl)/(node|esbuild|js)\b", executor)):
        return None
    output = node_nx.output(folder, options)
    up = "../" * (folder.inside.count("/") + 1) if folder.inside else ""
    place = Evidence(folder.path("project.json"), None, f"is an application that {executor} builds")
    return Started(("node", f"{up}{output}/main.js"), place, "likely")


def _by_main(
    folder: Folder, manifest: Mapping[str, Any], depends: Mapping[str, Any], manager: node_packages.Manager
) -> Started | None:
    """A main file that listens; where its text is not known, one of a package that is no library and makes no site."""
    run = "bun" if manager.name == "bun" else "node"
    endings = (*_SCRIPTS, ".ts", ".mts") if run == "bun" else _SCRIPTS
    guess = not any(one in depends for one in node_site.BUILDERS) or not node_packages.SERVERS.isdisjoint(depends)
    main = as_text(manifest.get("main")).removeprefix("./") or as_text(manifest.get("module")).removeprefix("./")
    library = manifest.get("private") is False or "exports" in manifest or "files" in manifest or "types" in manifest
    member = node_packages.top(folder) is not folder
    for one in (main, *_ENTRIES, *(f"src/{name}" for name in _ENTRIES)):
        if one not in folder.files or not one.endswith(endings):
            continue
        listens = re.search(r"\.listen\(|createServer\(|\bserve\(|\.login\(|setInterval\(", folder.text(one))
        if listens:
            return Started((run, one), Evidence(folder.path(one), None, "listens for requests"), "likely")
        if folder.fetched(one) and not (guess and _runs(folder, manifest, one)):
            continue
        if guess and not library and not (member and node_packages.SERVERS.isdisjoint(depends)):
            return Started((run, one), Evidence(folder.path(one), None, "has the name of a main file"), "guess")
    return None


def _runs(folder: Folder, manifest: Mapping[str, Any], name: str) -> bool:
    """Whether a fetched file does something by itself: it exports nothing, and the package is nobody's library."""
    text = folder.text(name)
    exports = re.search(r"^[ \t]*(module\.exports|exports\.\w+|export\s)", text, re.MULTILINE)
    return not exports and bool(text.strip()) and ("main" not in manifest or manifest.get("private") is True)
