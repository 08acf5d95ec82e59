"""How a Python service starts: as the repository declares, or else as is usual for its framework."""

from collections.abc import Collection
from dataclasses import dataclass

import patterns
from stacks import processes, python_frameworks
from stacks.components import Command, Evidence
from stacks.folder import Folder
from stacks.python_frameworks import DEFAULT_PORTS, FRAMEWORKS
from stacks.python_modules import Start, likely_main, main_module
from stacks.values import as_table

_PROGRAMS = patterns.compile(
    r"\b(python[\d.]*|gunicorn|uvicorn|hypercorn|daphne|waitress-serve|uwsgi|celery|flask|fastapi|streamlit|granian|"
    r"uv|poetry|pdm|pipenv)\b|\.py\b"
)
_NAME = patterns.compile(r"[\w.-]+")
_COMMAND_LINE = frozenset({"typer", "click", "rich-click", "fire", "docopt", "cyclopts"})
"""Packages of command-line tools."""
_FOR_DEVELOPERS = frozenset({"dev", "develop", "test", "tests", "lint", "format", "check", "docs", "build"})
"""Scripts that do not start the service."""


@dataclass(frozen=True)
class Entry:
    """`port` is the default port of this way to start. `by_process`: a Procfile declares the command."""

    command: Command
    evidence: Evidence
    confidence: str
    framework: str
    port: int
    by_process: bool = False


def entry(folder: Folder, depends: Collection[str]) -> Entry | None:
    """The first of: Procfile, Django project, application object, main module, installed command, name of a file."""
    framework = next((framework for framework in FRAMEWORKS if framework in depends), "")
    port = DEFAULT_PORTS.get(framework, 8000)
    declared = processes.declared_start(folder, _PROGRAMS)
    if declared is not None:
        return Entry(*declared, "certain", framework, port, by_process=True)
    start = (
        python_frameworks.django(folder, depends)
        or python_frameworks.asgi_application(folder, depends)
        or python_frameworks.wsgi_application(folder, depends)
        or main_module(folder)
        or _installed_command(folder, depends)
        or _by_name(folder, depends)
    )
    return Entry(*start, framework, port) if start else None


def _installed_command(folder: Folder, depends: Collection[str]) -> Start | None:
    """The only command that the package installs, unless it is a command-line tool."""
    if not _COMMAND_LINE.isdisjoint(depends) and not set(FRAMEWORKS) & set(depends):
        return None
    scripts = as_table(as_table(folder.toml("pyproject.toml").get("project")).get("scripts"))
    names = [name for name in scripts if _NAME.fullmatch(name) and name not in _FOR_DEVELOPERS]
    if len(names) != 1:
        return None
    return (names[0],), Evidence(folder.path("pyproject.toml"), None, f"installs the command {names[0]}"), "likely"


def _by_name(folder: Folder, depends: Collection[str]) -> Start | None:
    """A file with a usual name, or the only one. Without its text, the framework decides how it is served."""
    name = likely_main(folder)
    if not name:
        return None
    evidence = Evidence(folder.path(name), None, "has the name of a main module")
    module = name.removesuffix(".py").replace("/", ".")
    if not folder.fetched(name) and not python_frameworks.ASGI.isdisjoint(depends):
        return python_frameworks.asgi(module, "app", depends), evidence, "guess"
    if not folder.fetched(name) and {"flask", "gunicorn"} <= set(depends):
        return python_frameworks.wsgi(module, "app", depends), evidence, "guess"
    return ("python", name), evidence, "guess"
