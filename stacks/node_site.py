"""Sites that Node builds: which tool leaves files for a web server, and in which folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import patterns
from stacks import node_exports, node_nx, node_packages, node_site_builders, node_workspaces
from stacks.components import Evidence
from stacks.folder import Folder
from stacks.values import as_table, as_text

_WITHOUT_SCRIPT = ("expo", "vite", "react-scripts", "astro")
"""Site builders that are recognised even without a build script."""
_FOR_BROWSER = patterns.compile(r"angular|vite|/web:|/react")


@dataclass(frozen=True)
class Site:
    """`output` is the folder that the build leaves, as in `Component`."""

    output: str
    evidence: Evidence


def site(folder: Folder, manifest: Mapping[str, Any]) -> Site | None:
    """The site that the build leaves, or None if it leaves no site."""
    if not manifest:
        return _nx_site(folder)
    if node_workspaces.is_workspace_root(folder, manifest) and not folder.has("index.html", "src/index.html"):
        return None  # the site builder there is a tool of the members
    depends = {**as_table(manifest.get("devDependencies")), **as_table(manifest.get("dependencies"))}
    build = as_text(as_table(manifest.get("scripts")).get("build"))
    if _is_for_devices(folder, manifest, depends, build):
        return None
    path = folder.path(folder.has("package.json") or "project.json")
    exported = node_exports.exported(folder, depends)
    if exported:
        framework, output = exported
        return Site(output, Evidence(path, None, f"is a site that {framework} exports; {output}/ is served"))
    builder = next((name for name in node_site_builders.BUILDERS if name in depends), "")
    if (
        not builder
        or (not build and builder not in _WITHOUT_SCRIPT)
        or not _builds_site(folder, builder, manifest, depends)
    ):
        return None
    output = node_site_builders.output(folder, builder)
    return Site(output, Evidence(path, None, f"is a site that {builder} builds; {output}/ is served"))


def _is_for_devices(folder: Folder, manifest: Mapping[str, Any], depends: Mapping[str, Any], build: str) -> bool:
    """Whether it is an application for desktops, editors or phones only."""
    if "electron" in depends or "vscode" in as_table(manifest.get("engines")):
        return True
    if "expo" not in depends or build or "react-native-web" in depends:
        return False
    return not as_table(as_table(folder.json("app.json").get("expo")).get("web"))


def _builds_site(folder: Folder, builder: str, manifest: Mapping[str, Any], depends: Mapping[str, Any]) -> bool:
    """Whether the builder builds a site: servers and libraries use the same tools."""
    if not node_packages.SERVERS.isdisjoint(depends) or "@sveltejs/kit" in depends:
        return False
    if builder == "webpack":
        return folder.contains(".html")
    return builder != "vite" or not (_is_library(manifest) or _has_only_scripts(folder))


def _is_library(manifest: Mapping[str, Any]) -> bool:
    published = any(name in manifest for name in ("exports", "types", "main", "module"))
    return published and manifest.get("private") is not True


def _has_only_scripts(folder: Folder) -> bool:
    """Whether there are sources, but no page among them."""
    page = folder.has("index.html", "src/index.html", "app/root.tsx")
    page_anywhere = folder.contains(".html", ".astro", ".svelte", ".vue")
    return not page and folder.contains(".tsx", ".ts", ".js") and not page_anywhere


def _nx_site(folder: Folder) -> Site | None:
    """An application of Nx that is built for a browser."""
    build = node_nx.build(folder)
    if build is None:
        return None
    for_browser = _FOR_BROWSER.search(build.executor)
    if "index" not in build.options and "dev-server" not in build.server and not for_browser:
        return None
    output = node_nx.output(folder, build)
    path = folder.path("project.json")
    return Site(f"/{output}", Evidence(path, None, f"is a site that {build.executor} builds; {output}/ is served"))
