"""Deno: started by its task or its entry module. https://docs.deno.com/runtime/fundamentals/configuration/"""

import patterns
from stacks import pinning, processes, serving
from stacks.components import START_COMMAND, Command, Component, Evidence, Grounds
from stacks.family import Family
from stacks.folder import Folder
from stacks.values import as_table, as_text

MARKERS = ("deno.json", "deno.jsonc", "deno.lock", ".deno-version")
ENTRIES = (
    *("main.ts", "mod.ts", "server.ts", "index.ts", "app.ts"),
    *("src/main.ts", "src/index.ts", "src/mod.ts", "src/server.ts"),
)
ENDINGS = (".ts", ".tsx", ".js", ".jsx", ".mts")
_PORTS = (patterns.compile(r"\bport\s*:\s*(?P<port>\d{2,5})\b"),)
_READ = patterns.repeated(
    r"Deno\.env\.get\(\s{0,40}[\"'](?P<name>[A-Z][A-Z0-9_]{1,100})[\"']\s{0,40}\)"
    r"(?:\s{0,40}(?:\|\||\?\?)\s{0,40}(?P<default>[^;,)\n]{1,80}))?"
)
_PROGRAMS = patterns.compile(r"\bdeno\b")
_DEVELOPMENT = patterns.compile(r"--watch\b|\bdev\b(?:[^.]|$)")
_CONVENTIONS = ("mod.ts", "deps.ts", "mod.tsx")
"""Names of modules that are conventional only with Deno. https://docs.deno.com/runtime/contributing/style_guide/"""
_IMPORTS = patterns.compile(r"(?:from|import)\s*\(?[\"'](?:https://deno\.land|jsr:|npm:)|\bDeno\.")
_TESTS = ("_test.ts", "_test.tsx", ".test.ts", ".test.tsx")


def read(folder: Folder, name: str) -> Component | None:
    """A folder with Deno's configuration, imports or conventions; or TypeScript without packages: only Deno runs it."""
    configuration = folder.jsonc("deno.json") or folder.jsonc("deno.jsonc")
    marker, entry = folder.has(*MARKERS), folder.has(*ENTRIES)
    package = folder.has("package.json", "package.json5")
    convention = "" if package else folder.has(*_CONVENTIONS)
    _, imports = folder.search(_IMPORTS, ENDINGS) or (None, None)
    if not (marker or imports or convention):
        other_tools = package or folder.has("tsconfig.json", "project.json")
        if other_tools or not entry:
            return None
    declared = processes.declared_start(folder, _PROGRAMS)
    start, start_evidence = declared or _start(folder, as_table(configuration.get("tasks")), entry)
    pinned = pinning.file_version(folder, ".deno-version")
    managed = pinning.pinned(folder, "deno")
    port, port_evidence = serving.port(folder, ENDINGS, _PORTS, start, 8000)
    sign = folder.path(marker) if marker else imports.path if imports else folder.path(entry or convention)
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY.name,
        language="TypeScript",
        version=pinned or (managed[0] if managed else ""),
        framework="fresh" if folder.has("fresh.config.ts", "fresh.gen.ts") else "",
        package_manager="deno",
        lock_file=folder.has("deno.lock"),
        test=_test(folder),
        start=start,
        port=port,
        settings=serving.settings(folder, ENDINGS, _READ),
        evidence=(
            Evidence(sign, None, "identifies this as Deno"),
            *([start_evidence] if start_evidence else []),
            port_evidence,
        ),
        confidence="certain" if declared else "likely" if marker or imports else "guess",
        grounds=Grounds.PROCESS if declared else Grounds.MANIFEST if marker else Grounds.SOURCES,
    )


def _start(folder: Folder, tasks: dict[str, object], entry: str) -> tuple[Command, Evidence | None]:
    task = as_text(tasks.get("start")) or as_text(as_table(tasks.get("start")).get("command"))
    if task and not _DEVELOPMENT.search(task):
        path = folder.path(folder.has("deno.json", "deno.jsonc"))
        return ("deno", "task", "start"), Evidence(path, None, f"{START_COMMAND}{task}")
    if entry:
        evidence = Evidence(folder.path(entry), None, "has the name of an entry module")
        return ("deno", "run", "--allow-all", entry), evidence
    return (), None


def _test(folder: Folder) -> Command:
    tests = folder.contains(*_TESTS)
    return ("deno", "test", "--allow-all") if tests else ()


FAMILY = Family(
    name="deno",
    read=read,
    markers=MARKERS,
    manifests=(*MARKERS, *pinning.MANIFESTS),
    entries=ENTRIES,
    endings=ENDINGS,
    images=patterns.compile(r"denoland/deno"),
)
