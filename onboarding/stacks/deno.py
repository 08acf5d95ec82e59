"""Deno: started by its task or its entry module. https://docs.deno.com/runtime/fundamentals/configuration/"""

import re

from onboarding.stacks import pinning, serving
from onboarding.stacks.components import Command, Component, Evidence, Grounds
from onboarding.stacks.folder import Folder, as_table, as_text

FAMILY = "deno"
MARKERS = ("deno.json", "deno.jsonc", "deno.lock", ".deno-version")
MANIFESTS = (*MARKERS, *pinning.MANIFESTS)
ENTRIES = (
    "main.ts",
    "mod.ts",
    "server.ts",
    "index.ts",
    "app.ts",
    "src/main.ts",
    "src/index.ts",
    "src/mod.ts",
    "src/server.ts",
)
ENDINGS = (".ts", ".tsx", ".js", ".jsx", ".mts")
_PORTS = (r"\bport\s*:\s*(?P<port>\d{2,5})\b",)
_READ = (
    r"Deno\.env\.get\(\s*[\"'](?P<name>[A-Z][A-Z0-9_]+)[\"']\s*\)(?:\s*(?:\|\||\?\?)\s*(?P<default>[^;,)\n]{1,80}))?"
)
_PROGRAMS = re.compile(r"\bdeno\b")
_DEVELOPMENT = re.compile(r"--watch\b|\bdev\b(?!\.)")
_CUSTOM = ("mod.ts", "deps.ts", "mod.tsx")
"""Names of modules that only Deno's users give. https://docs.deno.com/runtime/contributing/style_guide/"""


def read(folder: Folder, name: str) -> Component | None:
    """A folder with Deno's configuration; or TypeScript without any package, which nothing else runs as it is."""
    marker = folder.has(*MARKERS)
    configuration = folder.jsonc("deno.json") or folder.jsonc("deno.jsonc")
    entry = folder.has(*ENTRIES)
    custom = "" if folder.has("package.json", "package.json5") else folder.has(*_CUSTOM)
    imports = folder.seek(r"(?:from|import)\s*\(?[\"'](?:https://deno\.land|jsr:|npm:)|\bDeno\.", ENDINGS)
    if (
        not marker
        and not imports
        and not custom
        and (folder.has("package.json", "package.json5", "tsconfig.json", "project.json") or not entry)
    ):
        return None
    processed = serving.started_by_procfile(folder, _PROGRAMS)
    start, why = processed or _start(folder, as_table(configuration.get("tasks")), entry)
    pinned = pinning.file_version(folder, ".deno-version")
    managed = pinning.pinned(folder, "deno")
    port, port_evidence = serving.port(folder, ENDINGS, _PORTS, start, 8000)
    first = marker or (imports[1].path if imports else folder.path(entry or custom))
    shown = Evidence(folder.path(marker) if marker else first, None, "says that this is Deno")
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language="TypeScript",
        version=pinned or (managed[0] if managed else ""),
        framework="fresh" if folder.has("fresh.config.ts", "fresh.gen.ts") else "",
        package_manager="deno",
        lock_file=folder.has("deno.lock"),
        test=("deno", "test", "--allow-all") if any(re.search(r"[._]test\.tsx?$", one) for one in folder.files) else (),
        start=start,
        port=port,
        settings=serving.settings(folder, ENDINGS, _READ),
        evidence=(shown, *((why,) if start else ()), port_evidence),
        confidence="certain" if processed else "likely" if marker or imports else "guess",
        grounds=Grounds.PROCESS if processed else Grounds.MANIFEST if marker else Grounds.SOURCES,
    )


def _start(folder: Folder, tasks: dict[str, object], entry: str) -> tuple[Command, Evidence]:
    place = folder.has("deno.json", "deno.jsonc")
    task = as_text(tasks.get("start")) or as_text(as_table(tasks.get("start")).get("command"))
    if task and not _DEVELOPMENT.search(task):
        return ("deno", "task", "start"), Evidence(folder.path(place), None, f"starts with: {task}")
    if entry:
        return ("deno", "run", "--allow-all", entry), Evidence(
            folder.path(entry), None, "has the name of an entry module"
        )
    return (), Evidence(folder.path(place), None, "")
