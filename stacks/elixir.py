"""Elixir: a release that Mix builds. https://hexdocs.pm/mix/Mix.Tasks.Release.html"""

import patterns
from stacks import pinning, processes, serving
from stacks.components import Command, Component, Evidence, Grounds, Role
from stacks.family import Family
from stacks.folder import Folder

ENDINGS = (".ex", ".exs")
_PORTS = tuple(
    patterns.compile(port, multiline=True)
    for port in (
        r"System\.get_env\(\s*\"PORT\"\s*(?:,\s*|\)\s*\|\|\s*)\"(?P<port>\d{2,5})\"",
        r"\bport:\s*(?P<port>\d{2,5})\b",
    )
)
_READ = patterns.repeated(
    r"System\.(?:get_env|fetch_env!)\(\s{0,40}\"(?P<name>[A-Z][A-Z0-9_]{1,100})\"\s{0,40}"
    r"(?:,\s{0,40}(?P<default>[^)\n]{1,80}))?\)(?P<unless>\s{0,40}\|\|)?"
)
_PROGRAMS = patterns.compile(r"\b(mix|elixir|iex)\b|_build/prod/rel/")
_NEEDS = {
    "postgresql": ("postgrex",),
    "mysql": ("myxql",),
    "redis": ("redix",),
    "kafka": ("brod", "kafka_ex"),
    "rabbitmq": ("amqp",),
}
_DEPENDENCY = patterns.repeated(r"\{\s{0,40}:(\w{1,100})\s{0,40},")
_RELEASE = patterns.compile(r"\breleases:\s*\[\s*(\w+):")
_APPLICATION = patterns.compile(r"\bapp:\s*:(\w+)")
_RUNS = patterns.compile(r"\bmod:\s*\{")
_MINIMUM = patterns.compile(r"\belixir:\s*\"~>\s*([\d.]+)")
_APPS_PATH = patterns.compile(r"\bapps_path:\s*\"([\w./-]+)\"")


def read(folder: Folder, name: str) -> Component | None:
    """The Mix project in this folder: a service if it starts an application, or else a library."""
    if "mix.exs" not in folder.files:
        return None
    text, path = folder.text("mix.exs"), folder.path("mix.exs")
    depends = set(_DEPENDENCY.findall(text))
    released = _RELEASE.search(text)
    program = _program(text, depends, released)
    declared = processes.declared_start(folder, _PROGRAMS)
    built: Command = (f"_build/prod/rel/{program}/bin/{program}", "start") if program else ()
    start = declared[0] if declared else built
    version, version_evidence = _version(folder, text)
    port = serving.port(folder, ENDINGS, _PORTS, (), 4000)
    endpoints = serving.endpoints(port, serving.health_path(folder, ENDINGS))
    identified = Evidence(path, None, "identifies this as Elixir")
    started = [Evidence(path, None, f"starts the application {program}")] if program else []
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY.name,
        language="Elixir",
        version=version,
        framework="phoenix" if "phoenix" in depends else "",
        package_manager="mix",
        lock_file=folder.has("mix.lock"),
        install=("mix", "deps.get"),
        build=("mix", "release") if program else (),
        test=("mix", "test") if any(file.endswith("_test.exs") for file in folder.files) else (),
        start=start,
        port=endpoints.port,
        health_path=endpoints.health_path,
        settings=serving.settings(folder, ENDINGS, _READ),
        evidence=(identified, *version_evidence, *started, *endpoints.evidence),
        confidence="certain" if declared or "phoenix" in depends or released else "likely",
        role=Role.SERVICE if start or _APPS_PATH.search(text) else Role.LIBRARY,
        grounds=Grounds.PROCESS if declared else Grounds.MANIFEST,
        workspace=folder.workspace.root if folder.workspace is not None else None,
        needs=serving.needs(depends, _NEEDS),
    )


def members(folder: Folder) -> list[str]:
    """The applications of an umbrella project."""
    apps = _APPS_PATH.search(folder.text("mix.exs"))
    return [f"{apps[1].strip('./')}/*"] if apps else []


def _program(text: str, depends: set[str], released: patterns.Match | None) -> str:
    """The name of the release, or else of the application; empty if the project starts nothing."""
    application = _APPLICATION.search(text)
    runs = _RUNS.search(text) or "phoenix" in depends or released
    name = released or application
    return name[1] if name and runs else ""


def _version(folder: Folder, text: str) -> tuple[str, list[Evidence]]:
    pinned = pinning.pinned(folder, "elixir")
    if pinned:
        return pinned[0], [pinned[1]]
    minimum = _MINIMUM.search(text)
    if minimum:
        return minimum[1], [Evidence(folder.path("mix.exs"), None, f"requires Elixir {minimum[1]} or later")]
    return "", []


FAMILY = Family(
    name="elixir",
    read=read,
    markers=("mix.exs",),
    manifests=("mix.exs", "elixir_buildpack.config", ".elixir-version", "config/runtime.exs", *pinning.MANIFESTS),
    endings=ENDINGS,
    images=patterns.compile(r"(?:^|/)elixir$"),
    members=members,
    releases_workspace=True,
)
