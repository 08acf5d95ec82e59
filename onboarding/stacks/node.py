"""Node: npm, pnpm or yarn, started by the start script or the main file. https://docs.npmjs.com/cli/configuring-npm/package-json"""

import re
import shlex

from onboarding.stacks import serving
from onboarding.stacks.components import Component, Evidence
from onboarding.stacks.folder import Folder, as_table, as_text

FAMILY = "node"
MARKERS = ("package.json",)
SOURCES = ("server.js", "index.js", "app.js", "main.js", "src/index.js", "src/server.js", "server.mjs", "index.mjs")
ENDING = "js"
DEFAULT_VERSION = "22"
_LOCKS = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "package-lock.json": "npm", "npm-shrinkwrap.json": "npm"}
_PORTS = (
    r"process\.env\.PORT\s*(?:\|\||\?\?)\s*[\"']?(?P<port>\d{2,5})",
    r"\.listen\(\s*(?P<port>\d{2,5})\b",
    r"\b(?:const|let|var)\s+port\s*=\s*(?P<port>\d{2,5})\b",
)
_SETTING = r"process\.env\.(?P<name>[A-Z][A-Z0-9_]+)\b(?:\s*(?:\|\||\?\?)\s*(?P<default>[^;,)\n]{1,80}))?"
_FRAMEWORKS = ("next", "nuxt", "@nestjs/core", "express", "fastify", "koa", "@hapi/hapi", "hono")


def read(folder: Folder, name: str) -> Component | None:
    """The Node service in this folder, or None where it is a library or a root of workspaces."""
    manifest = folder.json("package.json")
    if not manifest or ("workspaces" in manifest and not as_table(manifest.get("scripts")).get("start")):
        return None
    started = _start(folder, as_text(as_table(manifest.get("scripts")).get("start")), as_text(manifest.get("main")))
    if started is None:
        return None
    start, why, confidence = started
    version, version_file, said = _version(folder, as_text(as_table(manifest.get("engines")).get("node")))
    port, port_evidence = serving.port(folder, ENDING, _PORTS, 3000)
    health, health_evidence = serving.health_path(folder, ENDING)
    metrics, metrics_evidence = serving.metrics_path(folder, ENDING)
    depends = as_table(manifest.get("dependencies"))
    locks = [one for one in _LOCKS if one in folder.files]
    _warn_of_locks(folder, locks, bool(depends))
    evidence = [Evidence(folder.path("package.json"), None, "says that this is Node"), *said, why, port_evidence]
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language="JavaScript" if not folder.has("tsconfig.json") else "TypeScript",
        version=version,
        version_file=version_file,
        framework=next((one for one in _FRAMEWORKS if one in depends), ""),
        package_manager=_LOCKS[locks[0]] if locks else "npm",
        lock_file=locks[0] if locks else "",
        has_requirements=False,
        start=start,
        test=_test(folder, as_text(as_table(manifest.get("scripts")).get("test"))),
        port=port,
        health_path=health,
        metrics_path=metrics,
        container_file="",
        settings=serving.settings(folder, ENDING, _SETTING),
        evidence=(*evidence, *(one for one in (health_evidence, metrics_evidence) if one)),
        confidence=confidence,
    )


def _start(folder: Folder, script: str, main: str) -> tuple[tuple[str, ...], Evidence, str] | None:
    if re.fullmatch(r"node\s+[\w./-]+", script):  # without npm in between signals reach the program itself
        return (
            tuple(shlex.split(script)),
            Evidence(folder.path("package.json"), None, f"starts with: {script}"),
            "certain",
        )
    if script:
        return ("npm", "start"), Evidence(folder.path("package.json"), None, f"starts with: {script}"), "certain"
    for one in (main, *SOURCES):
        if one and one in folder.files and folder.text(one) and ".listen(" in folder.text(one):
            return ("node", one), Evidence(folder.path(one), None, "listens for requests"), "likely"
    return None


def _version(folder: Folder, engines: str) -> tuple[str, str, list[Evidence]]:
    for name in (".nvmrc", ".node-version"):
        pinned = re.match(r"\s*v?(\d+)", folder.text(name))
        if pinned:
            return pinned[1], name, [Evidence(folder.path(name), 1, f"asks for Node {pinned[1]}")]
    least = re.search(r"(\d+)", engines)
    if least:
        return least[1], "", [Evidence(folder.path("package.json"), None, f"engines.node is {engines}")]
    return "", "", []


def _test(folder: Folder, script: str) -> tuple[str, ...]:
    if script and "no test specified" not in script:
        return ("npm", "test")
    folder.warn(f"{folder.path('package.json')} has no test script; its pipeline only builds.")
    return ()


def _warn_of_locks(folder: Folder, locks: list[str], depends: bool) -> None:
    if len({_LOCKS[one] for one in locks}) > 1:
        folder.warn(
            f"{' and '.join(locks)} stand beside each other in {folder.root or 'the root'}; {locks[0]} is used."
        )
    if depends and not locks:
        folder.warn(f"{folder.path('package.json')} has dependencies and no lock file: two builds may differ.")
