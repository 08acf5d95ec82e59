"""Elixir: a release that Mix builds. https://hexdocs.pm/mix/Mix.Tasks.Release.html"""

import re

from onboarding.stacks import pinning, serving
from onboarding.stacks.components import Command, Component, Evidence, Grounds, Role
from onboarding.stacks.folder import Folder

FAMILY = "elixir"
MARKERS = ("mix.exs",)
MANIFESTS = ("mix.exs", "elixir_buildpack.config", ".elixir-version", "config/runtime.exs", *pinning.MANIFESTS)
ENTRIES: tuple[str, ...] = ()
ENDINGS = (".ex", ".exs")
_PORTS = (
    r"System\.get_env\(\s*\"PORT\"\s*(?:,\s*|\)\s*\|\|\s*)\"(?P<port>\d{2,5})\"",
    r"\bport:\s*(?P<port>\d{2,5})\b",
)
_READ = r"System\.(?:get_env|fetch_env!)\(\s*\"(?P<name>[A-Z][A-Z0-9_]+)\"\s*(?:,\s*(?P<default>[^)\n]{1,80}))?\)(?!\s*\|\|)"
_PROGRAMS = re.compile(r"\b(mix|elixir|iex)\b|_build/prod/rel/")
_NEEDS = {
    "postgresql": ("postgrex",),
    "mysql": ("myxql",),
    "redis": ("redix",),
    "kafka": ("brod", "kafka_ex"),
    "rabbitmq": ("amqp",),
}


def read(folder: Folder, name: str) -> Component | None:
    """The Mix project in this folder: a service where it starts an application, else a library."""
    text = folder.text("mix.exs")
    if "mix.exs" not in folder.files:
        return None
    depends = set(re.findall(r"\{\s*:(\w+)\s*,", text))
    umbrella = re.search(r"\bapps_path:\s*\"([\w./-]+)\"", text)
    released = re.search(r"\breleases:\s*\[\s*(\w+):", text)
    app = re.search(r"\bapp:\s*:(\w+)", text)
    runs = re.search(r"\bmod:\s*\{", text) or "phoenix" in depends or released
    program = (released or app or [None, ""])[1] if runs or not text else ""
    processed = serving.started_by_procfile(folder, _PROGRAMS)
    start: Command = (
        processed[0] if processed else (f"_build/prod/rel/{program}/bin/{program}", "start") if program else ()
    )
    pinned = pinning.pinned(folder, "elixir")
    asked = re.search(r"\belixir:\s*\"~>\s*([\d.]+)", text)
    port, port_evidence = serving.port(folder, ENDINGS, _PORTS, (), 4000)
    health, health_evidence = serving.health_path(folder, ENDINGS)
    said = (
        [pinned[1]]
        if pinned
        else [Evidence(folder.path("mix.exs"), None, f"needs at least Elixir {asked[1]}")]
        if asked
        else []
    )
    why = [Evidence(folder.path("mix.exs"), None, f"starts the application {program}")] if program else []
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language="Elixir",
        version=pinned[0] if pinned else asked[1] if asked else "",
        framework="phoenix" if "phoenix" in depends else "",
        package_manager="mix",
        lock_file=folder.has("mix.lock"),
        install=("mix", "deps.get"),
        build=("mix", "release") if program else (),
        test=("mix", "test") if any(one.endswith("_test.exs") for one in folder.files) else (),
        start=start,
        port=port,
        health_path=health,
        settings=serving.settings(folder, ENDINGS, _READ),
        evidence=(
            Evidence(folder.path("mix.exs"), None, "says that this is Elixir"),
            *said,
            *why,
            port_evidence,
            *health_evidence,
        ),
        confidence="certain" if processed or "phoenix" in depends or released else "likely",
        role=Role.SERVICE if start or umbrella else Role.LIBRARY,
        grounds=Grounds.PROCESS if processed else Grounds.MANIFEST,
        workspace=folder.workspace.root if folder.workspace is not None else None,
        needs=serving.needs(depends, _NEEDS),
    )
