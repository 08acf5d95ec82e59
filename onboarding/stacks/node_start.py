"""How something of Node's is started: what its scripts say, else what its framework is usually started with."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from onboarding.stacks import node_packages, serving
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
SERVERS = {
    *("express", "fastify", "koa", "@hapi/hapi", "hono", "@nestjs/core", "@adonisjs/core", "restify", "@apollo/server", "socket.io"),
    *("polka", "sails", "discord.js", "telegraf", "bullmq", "@grpc/grpc-js", "ws", "kafkajs", "@hono/node-server"),
}  # fmt: skip
"""Packages that a folder depends on because it serves something itself."""
_BUILDERS = {
    "vite": "dist",
    "react-scripts": "build",
    "@vue/cli-service": "dist",
    "gatsby": "public",
    "parcel": "dist",
    "@docusaurus/core": "build",
    "expo": "dist",
    "@angular/core": "dist",
    "astro": "dist",
    "vitepress": ".vitepress/dist",
    "@11ty/eleventy": "_site",
    "preact-cli": "build",
    "webpack": "dist",
}
"""Makers of sites → the folder that they leave."""
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


@dataclass(frozen=True)
class Site:
    """`output` is the folder that the build leaves."""

    output: str
    evidence: Evidence


def framework(folder: Folder, depends: Collection[str], site: bool) -> str:
    found = next((one for one in FRAMEWORKS if one in depends), "")
    return found or (next((one for one in _BUILDERS if one in depends), "") if site else "")


def start(folder: Folder, manifest: Mapping[str, Any], manager: node_packages.Manager) -> Started | None:
    """What starts it for production, or None."""
    depends = {**as_table(manifest.get("devDependencies")), **as_table(manifest.get("dependencies"))}
    place = folder.path(folder.has("package.json", "package.json5", "package.yaml") or "project.json")
    processed = serving.started_by_procfile(folder, _PROGRAMS)
    if processed is not None:
        return Started(*processed, "certain", by_process=True)
    script = as_text(as_table(manifest.get("scripts")).get("start")).strip()
    script = "" if _FOR_DEVELOPMENT.search(script) or len(script) > MAX_COMMAND else script
    exported = script and "next start" in script and _exports(folder)
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


def _exports(folder: Folder) -> bool:
    """Next writes files instead of serving. https://nextjs.org/docs/app/guides/static-exports"""
    texts = (folder.text(one) for one in MANIFESTS[:3])
    return any(re.search(r"\boutput\s*:\s*[\"']export[\"']", text) for text in texts)


def _by_framework(folder: Folder, depends: Mapping[str, Any], place: str, *, exported: bool) -> Started | None:
    """Frameworks whose build is started in one way."""
    found: Command = ()
    said = ""
    if "next" in depends and not exported and not _exports(folder):
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


def _nx_build(folder: Folder) -> tuple[dict[str, Any], str, str]:
    """(options of the build, its executor, the executor that serves) of an application of Nx; nothing for a library.

    https://nx.dev/docs/reference/project-configuration
    """
    project = folder.json("project.json")
    targets = as_table(project.get("targets"))
    build = as_table(targets.get("build"))
    if project.get("projectType") != "application" or not build:
        return {}, "", ""
    serve = as_text(as_table(targets.get("serve")).get("executor"))
    return as_table(build.get("options")), as_text(build.get("executor")), serve


def _by_nx(folder: Folder) -> Started | None:
    """An application of Nx that is built for Node."""
    options, executor, serve = _nx_build(folder)
    for_node = options.get("target") == "node" or re.search(r"@n(x|rwl)/(js|node):(node|execute)$", serve)
    if not executor or not (for_node or re.search(r"@n(x|rwl)/(node|esbuild|js)\b", executor)):
        return None
    output = _nx_output(folder, options)
    up = "../" * (folder.inside.count("/") + 1) if folder.inside else ""
    place = Evidence(folder.path("project.json"), None, f"is an application that {executor} builds")
    return Started(("node", f"{up}{output}/main.js"), place, "likely")


def _nx_output(folder: Folder, options: Mapping[str, Any]) -> str:
    """Relative to the workspace."""
    said = as_text(options.get("outputPath")).replace("{projectRoot}", folder.inside).replace("{workspaceRoot}/", "")
    return said.removeprefix("./") or f"dist/{folder.inside or folder.root}"


def _site_by_nx(folder: Folder) -> Site | None:
    """An application of Nx that is built for a browser."""
    options, executor, serve = _nx_build(folder)
    if not executor or not (
        "index" in options or "dev-server" in serve or re.search(r"angular|vite|/web:|/react", executor)
    ):
        return None
    output = _nx_output(folder, options)
    return Site(
        f"/{output}",
        Evidence(folder.path("project.json"), None, f"is a site that {executor} builds; {output}/ is served"),
    )


def _by_main(
    folder: Folder, manifest: Mapping[str, Any], depends: Mapping[str, Any], manager: node_packages.Manager
) -> Started | None:
    """A main file that listens; where its text is not known, one of a package that is no library and makes no site."""
    run = "bun" if manager.name == "bun" else "node"
    endings = (*_SCRIPTS, ".ts", ".mts") if run == "bun" else _SCRIPTS
    guess = not any(one in depends for one in _BUILDERS) or not SERVERS.isdisjoint(depends)
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
        if guess and not library and not (member and SERVERS.isdisjoint(depends)):
            return Started((run, one), Evidence(folder.path(one), None, "has the name of a main file"), "guess")
    return None


def _runs(folder: Folder, manifest: Mapping[str, Any], name: str) -> bool:
    """Whether a fetched file does something by itself: it exports nothing, and the package is nobody's library."""
    text = folder.text(name)
    exports = re.search(r"^[ \t]*(module\.exports|exports\.\w+|export\s)", text, re.MULTILINE)
    return not exports and bool(text.strip()) and ("main" not in manifest or manifest.get("private") is True)


def site(folder: Folder, manifest: Mapping[str, Any]) -> Site | None:
    """What the build leaves for a web server, where it is a maker of sites that builds it."""
    if not manifest:
        return _site_by_nx(folder)
    if node_packages.is_workspace_root(folder, manifest) and not folder.has("index.html", "src/index.html"):
        return None  # what makes sites there is its members' tool
    depends = {**as_table(manifest.get("devDependencies")), **as_table(manifest.get("dependencies"))}
    build = as_text(as_table(manifest.get("scripts")).get("build"))
    place = folder.path(folder.has("package.json") or "project.json")
    if "electron" in depends or "vscode" in as_table(manifest.get("engines")):
        return None
    if (
        "expo" in depends
        and not build
        and "react-native-web" not in depends
        and not as_table(as_table(folder.json("app.json").get("expo")).get("web"))
    ):
        return None  # made for telephones alone
    if "next" in depends and _exports(folder):
        return Site("out", Evidence(place, None, "is exported by next as files; out/ is served"))
    if "@sveltejs/kit" in depends and "@sveltejs/adapter-static" in depends:
        return Site("build", Evidence(place, None, "is made by SvelteKit as files; build/ is served"))
    if "@react-router/dev" in depends and re.search(r"\bssr\s*:\s*false", folder.text("react-router.config.ts")):
        return Site("build/client", Evidence(place, None, "is made by React Router as files; build/client/ is served"))
    maker = next((one for one in _BUILDERS if one in depends), "")
    if (
        not maker
        or (not build and maker not in ("expo", "vite", "react-scripts", "astro"))
        or not SERVERS.isdisjoint(depends)
    ):
        return None
    if "@sveltejs/kit" in depends:
        return None
    if maker == "vite" and (
        _is_library(manifest)
        or (
            not folder.has("index.html", "src/index.html", "app/root.tsx")
            and folder.below(".tsx", ".ts", ".js")
            and not folder.below(".html", ".astro", ".svelte", ".vue")
        )
    ):
        return None
    if maker == "webpack" and not folder.below(".html"):
        return None
    output = _output(folder, maker)
    return Site(output, Evidence(place, None, f"is a site built with {maker}; {output}/ is served"))


def _is_library(manifest: Mapping[str, Any]) -> bool:
    return (
        any(one in manifest for one in ("exports", "types", "main", "module")) and manifest.get("private") is not True
    )


def _output(folder: Folder, maker: str) -> str:
    if maker == "@angular/core":
        projects = as_table(folder.json("angular.json").get("projects"))
        name = next((one for one in projects if isinstance(one, str)), "")
        options = as_table(
            as_table(as_table(as_table(projects.get(name)).get("architect")).get("build")).get("options")
        )
        said = as_text(options.get("outputPath")) or (f"dist/{name}" if name else "dist")
        modern = "application" in as_text(
            as_table(as_table(as_table(projects.get(name)).get("architect")).get("build")).get("builder")
        )
        return f"{said}/browser" if modern or not as_text(options.get("outputPath")) else said
    if maker == "vite":
        text = folder.text("vite.config.ts") or folder.text("vite.config.js")
        said_dir = re.search(r"\boutDir\s*:\s*[\"']([\w./-]+)[\"']", text)
        return said_dir[1].removeprefix("./").rstrip("/") if said_dir and not said_dir[1].startswith("..") else "dist"
    return _BUILDERS[maker]
