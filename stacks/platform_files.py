"""Files of other platforms: the start command, the port, the servers and the variables that they declare."""

from collections.abc import Iterator
from dataclasses import replace

import patterns
from stacks import compose
from stacks.components import START_COMMAND, Component, Evidence, Setting
from stacks.folder import Folder
from stacks.values import as_table, as_text

READ = (
    *compose.FILES,
    *("fiaas.yml", "score.yaml", "railway.json", "railway.toml", "railpack.json", "nixpacks.toml"),
    *("render.yaml", "fly.toml", "app.json", "app.yaml"),
)
"""Files in a component's folder whose text is read."""

_MAX_SHOWN = 200
_PATH = patterns.compile(r"/[\w./~%-]{0,200}")
_VARIABLE = patterns.compile(r"[A-Z][A-Z0-9_]*")


def complete(component: Component, folder: Folder) -> Component:
    """The component with the port, health path, servers and variables that the folder's platform files declare."""
    component = _as_deployed(component, folder)
    servers = compose.servers(folder)
    in_code = {setting.name for setting in component.settings}
    declared = tuple(setting for setting in _declared(folder) if setting.name not in in_code)
    return replace(
        component,
        needs=tuple(dict.fromkeys((*component.needs, *servers))),
        settings=tuple(sorted((*component.settings, *declared), key=lambda setting: setting.name)),
        evidence=(*component.evidence, *servers.values()),
    )


def _as_deployed(component: Component, folder: Folder) -> Component:
    """With the port and the health path of an existing deployment.

    https://github.com/fiaas/fiaas-deploy-daemon/blob/master/docs/v3_spec.md,
    https://docs.score.dev/docs/score-specification/
    """
    fiaas = folder.yaml("fiaas.yml")
    port = next(_ports(folder), None)
    health = as_text(as_table(as_table(as_table(fiaas.get("healthchecks")).get("liveness")).get("http")).get("path"))
    health = health if _PATH.fullmatch(health) else ""
    file = folder.path("fiaas.yml" if fiaas else "score.yaml")
    evidence = list(component.evidence)
    if port is not None:
        evidence.append(Evidence(file, None, f"runs on port {port}"))
    if health:
        evidence.append(Evidence(file, None, f"checks health at {health}"))
    return replace(
        component,
        port=component.port if port is None else port,
        health_path=health or component.health_path,
        evidence=tuple(evidence),
    )


def _ports(folder: Folder) -> Iterator[int]:
    """The ports of FIAAS, then those of Score."""
    ports = folder.yaml("fiaas.yml").get("ports")
    tables = [as_table(port) for port in ports] if isinstance(ports, list) else []
    tables += map(as_table, as_table(as_table(folder.yaml("score.yaml").get("service")).get("ports")).values())
    for table in tables:
        for port in (table.get("target_port"), table.get("targetPort")):
            if isinstance(port, int) and not isinstance(port, bool) and 0 < port < 65536:
                yield port


def _declared(folder: Folder) -> list[Setting]:
    """Variables that app.json declares as required, without a value and without a generator.

    https://devcenter.heroku.com/articles/app-json-schema#env
    """
    settings = []
    for name, value in as_table(folder.json("app.json").get("env")).items():
        table = as_table(value)
        default = as_text(table.get("value")) or (value if isinstance(value, str) else "")
        optional = table.get("required") is False or table.get("generator")
        if _VARIABLE.fullmatch(str(name)) and not default and not optional:
            evidence = Evidence(folder.path("app.json"), None, f"requires {name}")
            settings.append(Setting(str(name), None, False, evidence, required=True))
    return settings


def start(folder: Folder) -> tuple[str, Evidence] | None:
    """The start command that another platform uses, and its evidence."""
    for file, command in (
        ("railway.json", as_table(folder.json("railway.json").get("deploy")).get("startCommand")),
        ("railway.toml", as_table(folder.toml("railway.toml").get("deploy")).get("startCommand")),
        ("railpack.json", as_table(folder.json("railpack.json").get("deploy")).get("startCommand")),
        ("nixpacks.toml", as_table(folder.toml("nixpacks.toml").get("start")).get("cmd")),
        ("render.yaml", _render(folder)),
        ("fly.toml", as_table(folder.toml("fly.toml").get("processes")).get("app")),
        ("app.yaml", _app_engine(folder)),
    ):
        if as_text(command):
            message = f"{START_COMMAND}{as_text(command)[:_MAX_SHOWN]}"
            return as_text(command), Evidence(folder.path(file), None, message)
    return None


def _app_engine(folder: Folder) -> str:
    """https://cloud.google.com/appengine/docs/standard/reference/app-yaml; other tools have files of this name, too."""
    manifest = folder.yaml("app.yaml")
    return as_text(manifest.get("entrypoint")) if as_text(manifest.get("runtime")) else ""


def _render(folder: Folder) -> str:
    services = folder.yaml("render.yaml").get("services")
    tables = [as_table(service) for service in services] if isinstance(services, list) else []
    return next((as_text(table.get("startCommand")) for table in tables if table.get("type") == "web"), "")
