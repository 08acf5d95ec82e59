"""What of Node's only leaves files for a web server: which maker of sites, and where it leaves them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onboarding.stacks import node_nx, node_packages
from onboarding.stacks.components import Evidence
from onboarding.stacks.folder import Folder, as_table, as_text

CONFIGURATION = ("next.config.js", "next.config.mjs", "next.config.ts")
BUILDERS = {
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


@dataclass(frozen=True)
class Site:
    """`output` is the folder that the build leaves."""

    output: str
    evidence: Evidence


def exports(folder: Folder) -> bool:
    """Next writes files instead of serving. https://nextjs.org/docs/app/guides/static-exports"""
    texts = (folder.text(one) for one in CONFIGURATION)
    return any(re.search(r"\boutput\s*:\s*[\"']export[\"']", text) for text in texts)


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
    if "next" in depends and exports(folder):
        return Site("out", Evidence(place, None, "is exported by next as files; out/ is served"))
    if "@sveltejs/kit" in depends and "@sveltejs/adapter-static" in depends:
        return Site("build", Evidence(place, None, "is made by SvelteKit as files; build/ is served"))
    if "@react-router/dev" in depends and re.search(r"\bssr\s*:\s*false", folder.text("react-router.config.ts")):
        return Site("build/client", Evidence(place, None, "is made by React Router as files; build/client/ is served"))
    maker = next((one for one in BUILDERS if one in depends), "")
    if (
        not maker
        or (not build and maker not in ("expo", "vite", "react-scripts", "astro"))
        or not node_packages.SERVERS.isdisjoint(depends)
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
    return BUILDERS[maker]


def _site_by_nx(folder: Folder) -> Site | None:
    """An application of Nx that is built for a browser."""
    options, executor, serve = node_nx.build(folder)
    if not executor or not (
        "index" in options or "dev-server" in serve or re.search(r"angular|vite|/web:|/react", executor)
    ):
        return None
    output = node_nx.output(folder, options)
    return Site(
        f"/{output}",
        Evidence(folder.path("project.json"), None, f"is a site that {executor} builds; {output}/ is served"),
    )
