"""How a Python service is started: what the repository says, else what its framework is usually started with."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from onboarding.stacks import serving
from onboarding.stacks.components import Command, Evidence
from onboarding.stacks.folder import Folder, as_table, line_of

FRAMEWORKS = (
    *("django", "fastapi", "flask", "starlette", "litestar", "quart", "aiohttp", "tornado", "sanic", "bottle"),
    *("falcon", "streamlit", "gradio"),
)
USUAL_PORTS = {"flask": 5000, "aiohttp": 8080, "streamlit": 8501, "gradio": 7860, "bottle": 8080}
_ASGI = r"^(?P<name>\w+)(?:\s*:\s*\w+)?\s*=\s*(?:fastapi\.)?(?:FastAPI|Starlette|Litestar|Quart)\("
_WSGI = r"^(?P<name>\w+)(?:\s*:\s*\w+)?\s*=\s*(?:flask\.)?Flask\("
_MAIN = re.compile(r"__name__\s*==\s*[\"']__main__[\"']")
_ORDER = (
    *("app.py", "main.py", "server.py", "wsgi.py", "asgi.py", "__main__.py", "run.py", "bot.py", "index.py"),
    *("hello.py", "application.py"),
)
_NO_PROGRAMS = ("setup.py", "conftest.py", "noxfile.py", "fabfile.py", "tasks.py", "__init__.py", "gunicorn.conf.py")
_ASGI_SERVED = frozenset({"fastapi", "starlette", "litestar", "quart", "python-fasthtml"})
_SERVERS = frozenset({"gunicorn", "uwsgi"})
"""Who asks for one of these does not mean to serve by the framework's own server for development."""
_ENDINGS = (".py",)
_PROGRAMS = re.compile(
    r"\b(python[\d.]*|gunicorn|uvicorn|hypercorn|daphne|waitress-serve|uwsgi|celery|flask|fastapi|streamlit|granian|"
    r"uv|poetry|pdm|pipenv)\b|\.py\b"
)
_Found = tuple[Command, Evidence, str]
_Starter = Callable[[str, str, Collection[str]], Command]


@dataclass(frozen=True)
class Entry:
    """`port` is what this way of starting listens on when nothing says otherwise."""

    command: Command
    evidence: Evidence
    confidence: str
    framework: str
    port: int
    by_process: bool = False
    """A Procfile says so."""


def entry(folder: Folder, depends: Collection[str]) -> Entry | None:
    """The first of: Procfile, Django's project, an application object, a main module, a script of the package."""
    framework = next((one for one in FRAMEWORKS if one in depends), "")
    processed = _procfile(folder)
    if processed is not None:
        return Entry(*processed, framework, USUAL_PORTS.get(framework, 8000), by_process=True)
    for found in (
        _django(folder, depends),
        _application(folder, depends, _ASGI, _asgi),
        _application(folder, depends, _WSGI, _wsgi),
        _main_module(folder),
        _script(folder, depends),
        _by_name(folder, depends),
    ):
        if found is not None:
            command, evidence, confidence = found
            return Entry(command, evidence, confidence, framework, USUAL_PORTS.get(framework, 8000))
    return None


def _procfile(folder: Folder) -> _Found | None:
    started = serving.started_by_procfile(folder, _PROGRAMS)
    return (*started, "certain") if started else None


def _django(folder: Folder, depends: Collection[str]) -> _Found | None:
    modules = sorted(one for one in folder.files if re.fullmatch(r"\w+/wsgi\.py", one))
    if "manage.py" not in folder.files or not modules:
        return None
    module = modules[0].removesuffix(".py").replace("/", ".")
    evidence = Evidence(folder.path(modules[0]), None, "is Django's WSGI application")
    if "gunicorn" in depends:  # listens on $PORT by itself
        return ("gunicorn", f"{module}:application"), evidence, "likely"
    folder.warn(
        f"{folder.title} is a Django project without a server for production; it is started with runserver. "
        "Add gunicorn to its packages and a Procfile."
    )
    return ("sh", "-c", 'exec python manage.py runserver --noreload "0.0.0.0:$PORT"'), evidence, "guess"


def _application(folder: Folder, depends: Collection[str], pattern: str, command: _Starter) -> _Found | None:
    """A module that makes the framework's application, unless it starts a server itself when it is run."""
    for name, text in _in_order(folder):
        made = re.search(pattern, text, re.MULTILINE)
        by_itself = _MAIN.search(text) and re.search(r"\.run\(", text)
        if made is None or (by_itself and _SERVERS.isdisjoint(depends)):
            continue
        module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        evidence = Evidence(folder.path(name), line_of(text, made.start()), f"makes the application {made['name']}")
        return command(module, made["name"], depends), evidence, "likely"
    return None


def _asgi(module: str, name: str, depends: Collection[str]) -> Command:
    if "hypercorn" in depends and "uvicorn" not in depends:
        return ("sh", "-c", f'exec hypercorn {module}:{name} --bind "0.0.0.0:$PORT"')
    return ("sh", "-c", f'exec uvicorn {module}:{name} --host 0.0.0.0 --port "$PORT"')


def _wsgi(module: str, name: str, depends: Collection[str]) -> Command:
    if "uwsgi" in depends and "gunicorn" not in depends:
        return ("sh", "-c", f'exec uwsgi --http ":$PORT" --module {module}:{name}')
    if "gunicorn" in depends:  # listens on $PORT by itself
        return ("gunicorn", f"{module}:{name}")
    return ("sh", "-c", f'exec flask --app {module}:{name} run --host 0.0.0.0 --port "$PORT"')


def _main_module(folder: Folder) -> _Found | None:
    for name, text in _in_order(folder):
        found = _MAIN.search(text)
        if name.endswith("__main__.py") and "/" in name:
            package = name.removesuffix("/__main__.py").removeprefix("src/").replace("/", ".")
            return (
                ("python", "-m", package),
                Evidence(folder.path(name), None, "is a package that can be run"),
                "likely",
            )
        if found and ("/" not in name or name.startswith("src/")):
            return (
                ("python", name),
                Evidence(folder.path(name), line_of(text, found.start()), "is a main module"),
                "likely",
            )
    return None


_LINE_TOOLS = frozenset({"typer", "click", "rich-click", "fire", "docopt", "cyclopts"})
_FOR_DEVELOPERS = frozenset({"dev", "develop", "test", "tests", "lint", "format", "check", "docs", "build"})


def _script(folder: Folder, depends: Collection[str]) -> _Found | None:
    """The one command that the package installs, unless it is a tool of the command line."""
    if not _LINE_TOOLS.isdisjoint(depends) and not set(FRAMEWORKS) & set(depends):
        return None
    scripts = as_table(as_table(folder.toml("pyproject.toml").get("project")).get("scripts"))
    names = [one for one in scripts if re.fullmatch(r"[\w.-]+", one) and one not in _FOR_DEVELOPERS]
    if len(names) != 1:
        return None
    return (names[0],), Evidence(folder.path("pyproject.toml"), None, f"installs the command {names[0]}"), "likely"


def _by_name(folder: Folder, depends: Collection[str]) -> _Found | None:
    """A file whose name says it, where nothing better is known. What a framework needs to serve it is known even where
    its text is not."""
    name = folder.has(*_ORDER)
    if not name:
        alone = [one for one in folder.top if one.endswith(_ENDINGS) and one not in _NO_PROGRAMS]
        src = [one for one in (f"src/{each}" for each in _ORDER) if one in folder.files]
        name = src[0] if src else alone[0] if len(alone) == 1 else ""
    if not name:
        return None
    evidence = Evidence(folder.path(name), None, "has the name of a main module")
    module = name.removesuffix(".py").replace("/", ".")
    if not folder.fetched(name) and not _ASGI_SERVED.isdisjoint(depends):
        return _asgi(module, "app", depends), evidence, "guess"
    if not folder.fetched(name) and {"flask", "gunicorn"} <= set(depends):
        return _wsgi(module, "app", depends), evidence, "guess"
    return ("python", name), evidence, "guess"


def _in_order(folder: Folder) -> list[tuple[str, str]]:
    """The sources, those with the names of entry points first, the shallow ones first."""

    def rank(source: tuple[str, str]) -> tuple[int, int, str]:
        name = source[0].rpartition("/")[2]
        return source[0].count("/"), _ORDER.index(name) if name in _ORDER else len(_ORDER), source[0]

    return sorted(folder.sources(_ENDINGS), key=rank)
