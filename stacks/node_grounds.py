"""How strong the case for Node is in a folder that another language may claim, too."""

from collections.abc import Mapping
from typing import Any

from stacks.components import Grounds
from stacks.folder import Folder
from stacks.node_serving import ENDINGS
from stacks.node_start import Start

_OTHER_LANGUAGES = (
    *("Gemfile", "composer.json", "mix.exs", "go.mod", "pom.xml", "build.gradle", "build.gradle.kts", "Cargo.toml"),
    *("deno.json", "deno.jsonc", "manage.py", "artisan", "build.sbt"),
)
_CLOJURE = ("project.clj", "deps.edn", "shadow-cljs.edn", "build.boot")
"""ClojureScript is compiled to JavaScript that Node runs."""


def grounds(folder: Folder, manifest: Mapping[str, Any], marker: str, start: Start | None, site: bool) -> Grounds:
    """Beside another language's manifest, package.json usually serves the pages, unless it starts a server itself."""
    if start is not None and start.by_process and not folder.has(*_CLOJURE):
        return Grounds.PROCESS
    beside = folder.has(*_OTHER_LANGUAGES, *_CLOJURE) or folder.top_files_ending(".csproj", ".fsproj")
    if beside and (site or start is None or start.confidence != "certain"):
        return Grounds.COMPANION
    if start is None and not site and not folder.contains(*ENDINGS):
        return Grounds.COMPANION
    if not manifest and marker == "package.json" and not start and not site:
        return Grounds.COMPANION if folder.has("requirements.txt", "pyproject.toml") else Grounds.MANIFEST
    return Grounds.MANIFEST if marker else Grounds.SOURCES
