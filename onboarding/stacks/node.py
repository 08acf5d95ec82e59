"""Node: started by the start script or the main file. https://docs.npmjs.com/cli/configuring-npm/package-json"""

import re
from collections.abc import Mapping

from onboarding.stacks import node_packages, serving
from onboarding.stacks.components import Command, Component, Evidence
from onboarding.stacks.folder import MAX_COMMAND, Folder, as_table, as_text
from onboarding.stacks.runtimes import Runtime

FAMILY = "node"
MARKERS = ("package.json",)
MANIFESTS = ("package.json", ".nvmrc", ".node-version")
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
_FRAMEWORKS = ("next", "nuxt", "@nestjs/core", "@remix-run/serve", "express", "fastify", "koa", "@hapi/hapi", "hono")
_METRICS = ("prom-client", "express-prom-bundle", "fastify-metrics", "@willsoto/nestjs-prometheus")
_STATIC = ("vite", "astro", "react-scripts", "@angular/core", "gatsby", "parcel", "@docusaurus/core", "expo")
_FOR_DEVELOPMENT = re.compile(
    r"^(npx )?(vite|ng|react-scripts|astro|gatsby|parcel|docusaurus|expo|webpack|webpack-dev-server|nodemon)\b(?! preview)"
)
_PROGRAMS = re.compile(r"\b(node|npm|npx|yarn|pnpm|bun|bunx|next|nuxt|nest|ts-node|tsx|pm2-runtime)\b|\.[cm]?[jt]s\b")
_OTHERS = (
    *("Gemfile", "composer.json", "mix.exs", "go.mod", "pom.xml", "build.gradle", "build.gradle.kts", "Cargo.toml"),
    *("deno.json", "deno.jsonc"),
)
_STARTS: Mapping[str, Command] = {"next": ("npx", "next", "start"), "nuxt": ("node", ".output/server/index.mjs")}
"""Frameworks whose build is started in one way."""


def read(folder: Folder, name: str) -> Component | None:
    """The Node service in this folder, or None where it is a library, a static site or a root of workspaces."""
    manifest = folder.json("package.json")
    scripts = as_table(manifest.get("scripts"))
    depends, for_development = as_table(manifest.get("dependencies")), as_table(manifest.get("devDependencies"))
    other = folder.has(*_OTHERS)
    if manifest and other:
        folder.warn(
            f"{folder.path(other)} lies beside {folder.path('package.json')}: which of them is the service is unclear."
        )
        return None
    if not manifest or (node_packages.is_workspace_root(folder, manifest) and not scripts.get("start")):
        return None
    framework = next((one for one in _FRAMEWORKS if one in depends), "")
    manager = node_packages.manager(folder, as_text(manifest.get("packageManager")))
    static = next((one for one in _STATIC if one in depends or one in for_development), "")
    started = _start(folder, manifest, framework, manager.run, guess=not static)
    if started is None:
        _explain(folder, static, as_text(scripts.get("build")))
        return None
    start, why, confidence = started
    version, version_file, said = _version(folder, as_text(as_table(manifest.get("engines")).get("node")))
    port, port_evidence = serving.port(folder, ENDINGS, _PORTS, start, 3000)
    health, health_evidence = serving.health_path(folder, ENDINGS)
    metrics, metrics_evidence = serving.metrics_path(folder, ENDINGS, depends, _METRICS, "package.json")
    node_packages.warn_of_locks(folder, bool(depends or for_development))
    evidence = [Evidence(folder.path("package.json"), None, "says that this is Node"), *said, why, port_evidence]
    needs_everything = bool(set(as_text(scripts.get("start")).split()) & set(for_development))
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language="TypeScript" if folder.has("tsconfig.json") else "JavaScript",
        version=version,
        version_file=version_file,
        framework=framework,
        package_manager=manager.name,
        lock_file=manager.lock_file,
        manifests=("package.json", manager.lock_file) if manager.lock_file else (),
        install=manager.install if depends or for_development else (),
        install_production=(manager.install if needs_everything else manager.production) if depends else (),
        build=(*manager.run, "build") if scripts.get("build") else (),
        test=_test(folder, as_text(scripts.get("test")), manager.run),
        start=start,
        port=port,
        health_path=health,
        metrics_path=metrics,
        settings=serving.settings(folder, ENDINGS, _SETTING),
        evidence=(*evidence, *health_evidence, *metrics_evidence),
        confidence=confidence,
        alternatives=serving.other_processes(folder),
    )


def _start(
    folder: Folder, manifest: Mapping[str, object], framework: str, run: Command, *, guess: bool
) -> tuple[Command, Evidence, str] | None:
    """(command, evidence, confidence)."""
    script = as_text(as_table(manifest.get("scripts")).get("start")).strip()
    script = "" if _FOR_DEVELOPMENT.search(script) or len(script) > MAX_COMMAND else script
    place = folder.path("package.json")
    processed = serving.started_by_procfile(folder, _PROGRAMS)
    if processed is not None:
        return *processed, "certain"
    if re.fullmatch(r"node\s+[\w./-]+", script):  # without npm in between signals reach the program itself
        return tuple(script.split()), Evidence(place, None, f"starts with: {script}"), "certain"
    if script:
        return _script_command(run), Evidence(place, None, f"starts with: {script}"), "certain"
    if framework in _STARTS:
        return _STARTS[framework], Evidence(place, None, f"depends on {framework}"), "likely"
    for one in (as_text(manifest.get("main")).removeprefix("./"), *ENTRIES, *(f"src/{name}" for name in ENTRIES)):
        if one in folder.files and one.endswith((".js", ".mjs", ".cjs")):
            listens = re.search(r"\.listen\(|createServer\(|\bserve\(", folder.text(one))
            if listens:
                return ("node", one), Evidence(folder.path(one), None, "listens for requests"), "likely"
            if guess and not folder.fetched(one) and manifest.get("private") is not False and "exports" not in manifest:
                return ("node", one), Evidence(folder.path(one), None, "has the name of a main file"), "guess"
    return None


def _script_command(run: Command) -> Command:
    return ("npm", "start") if run[0] == "npm" else (*run, "start")


def _explain(folder: Folder, static: str, build: str) -> None:
    """A static site is recognised and said, not mistaken for a service."""
    if static and build:
        folder.warn(
            f"{folder.title} is a site built with {static}, and no script starts a server for production. "
            "Give it one, or a Dockerfile whose web server serves what the build makes."
        )


def _version(folder: Folder, engines: str) -> tuple[str, str, list[Evidence]]:
    """(version, the file that pins it, evidence)."""
    for name in (".nvmrc", ".node-version"):
        pinned = re.match(r"\s*v?(\d{1,3})", folder.text(name))
        if pinned:
            evidence = Evidence(folder.path(name), 1, f"asks for Node {pinned[1]}")
            return _known(folder, pinned[1], name, evidence)
    allowed = RUNTIME.allowed(engines)
    if allowed:
        return _known(folder, allowed, "", Evidence(folder.path("package.json"), None, f"engines.node is {engines}"))
    return "", "", []


def _known(folder: Folder, version: str, file: str, evidence: Evidence) -> tuple[str, str, list[Evidence]]:
    complaint = RUNTIME.complaint(version)
    if complaint:
        folder.warn(f"{evidence.path}: {complaint}")
    return version, file, [evidence]


def _test(folder: Folder, script: str, run: Command) -> Command:
    if script and "no test specified" not in script:
        return ("npm", "test") if run[0] == "npm" else (*run, "test")
    folder.warn(f"{folder.path('package.json')} has no test script; its pipeline only builds.")
    return ()
