"""Python's web frameworks: the application object that a module creates, and the server that serves it."""

from collections.abc import Callable, Collection

import patterns
from stacks.components import Command, Evidence
from stacks.folder import Folder
from stacks.folder_files import line_of
from stacks.python_modules import MAIN, Start, in_order, module_name

FRAMEWORKS = (
    *("django", "fastapi", "flask", "starlette", "litestar", "quart", "aiohttp", "tornado", "sanic", "bottle"),
    *("falcon", "streamlit", "gradio"),
)
DEFAULT_PORTS = {"flask": 5000, "aiohttp": 8080, "streamlit": 8501, "gradio": 7860, "bottle": 8080}
_ASGI_APPLICATION = patterns.compile(
    r"^(?P<name>\w+)(?:\s*:\s*\w+)?\s*=\s*(?:fastapi\.)?(?:FastAPI|Starlette|Litestar|Quart)\(", multiline=True
)
_WSGI_APPLICATION = patterns.compile(r"^(?P<name>\w+)(?:\s*:\s*\w+)?\s*=\s*(?:flask\.)?Flask\(", multiline=True)
_WSGI_MODULE = patterns.compile(r"\w+/wsgi\.py")
_RUN = patterns.compile(r"\.run\(")
ASGI = frozenset({"fastapi", "starlette", "litestar", "quart", "python-fasthtml"})
_SERVERS = frozenset({"gunicorn", "uwsgi"})
"""A service that requires one of these does not use its framework's development server."""

_Starter = Callable[[str, str, Collection[str]], Command]
"""(module, name of the application object, packages) → command."""


def django(folder: Folder, depends: Collection[str]) -> Start | None:
    files = sorted(file for file in folder.files if file.endswith("/wsgi.py") and _WSGI_MODULE.fullmatch(file))
    if "manage.py" not in folder.files or not files:
        return None
    evidence = Evidence(folder.path(files[0]), None, "is Django's WSGI application")
    if "gunicorn" in depends:  # listens on $PORT by default
        return ("gunicorn", f"{module_name(files[0])}:application"), evidence, "likely"
    folder.warn(
        f"The Django project in {folder.title} has no production server, so it starts with runserver. "
        "Add gunicorn to its packages and a Procfile."
    )
    return ("sh", "-c", 'exec python manage.py runserver --noreload "0.0.0.0:$PORT"'), evidence, "guess"


def asgi_application(folder: Folder, depends: Collection[str]) -> Start | None:
    return _application(folder, depends, _ASGI_APPLICATION, asgi)


def wsgi_application(folder: Folder, depends: Collection[str]) -> Start | None:
    return _application(folder, depends, _WSGI_APPLICATION, wsgi)


def _application(
    folder: Folder, depends: Collection[str], pattern: patterns.Pattern, command: _Starter
) -> Start | None:
    """A module that creates the framework's application, unless it also starts a server when it is run."""
    for file, text in in_order(folder):
        match = pattern.search(text)
        serves = MAIN.search(text) and _RUN.search(text)
        if match is None or (serves and _SERVERS.isdisjoint(depends)):
            continue
        evidence = Evidence(folder.path(file), line_of(text, match.start()), f"creates the application {match['name']}")
        return command(module_name(file), match["name"], depends), evidence, "likely"
    return None


def asgi(module: str, name: str, depends: Collection[str]) -> Command:
    if "hypercorn" in depends and "uvicorn" not in depends:
        return ("sh", "-c", f'exec hypercorn {module}:{name} --bind "0.0.0.0:$PORT"')
    return ("sh", "-c", f'exec uvicorn {module}:{name} --host 0.0.0.0 --port "$PORT"')


def wsgi(module: str, name: str, depends: Collection[str]) -> Command:
    if "uwsgi" in depends and "gunicorn" not in depends:
        return ("sh", "-c", f'exec uwsgi --http ":$PORT" --module {module}:{name}')
    if "gunicorn" in depends:  # listens on $PORT by default
        return ("gunicorn", f"{module}:{name}")
    return ("sh", "-c", f'exec flask --app {module}:{name} run --host 0.0.0.0 --port "$PORT"')
