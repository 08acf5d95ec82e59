"""Python modules that can start a service: the main module of a folder."""

import patterns
from stacks.components import Command, Evidence
from stacks.folder import Folder
from stacks.folder_files import line_of

_MAIN_NAMES = (
    *("app.py", "main.py", "server.py", "wsgi.py", "asgi.py", "__main__.py", "run.py", "bot.py", "index.py"),
    *("hello.py", "application.py"),
)
_NOT_MAIN = ("setup.py", "conftest.py", "noxfile.py", "fabfile.py", "tasks.py", "__init__.py", "gunicorn.conf.py")
MAIN = patterns.compile(r"__name__\s*==\s*[\"']__main__[\"']")
_ENDINGS = (".py",)

Start = tuple[Command, Evidence, str]
"""(command, evidence, confidence)."""


def in_order(folder: Folder) -> list[tuple[str, str]]:
    """(file, text) of the sources: the shallow ones first, then by the names of main modules."""

    def rank(source: tuple[str, str]) -> tuple[int, int, str]:
        file = source[0]
        name = file.rpartition("/")[2]
        order = _MAIN_NAMES.index(name) if name in _MAIN_NAMES else len(_MAIN_NAMES)
        return file.count("/"), order, file

    return sorted(folder.sources(_ENDINGS), key=rank)


def main_module(folder: Folder) -> Start | None:
    """An executable package, or a module that runs code when it is the main module."""
    for file, text in in_order(folder):
        if file.endswith("__main__.py") and "/" in file:
            package = file.removesuffix("/__main__.py").removeprefix("src/").replace("/", ".")
            return ("python", "-m", package), Evidence(folder.path(file), None, "is an executable package"), "likely"
        match = MAIN.search(text)
        if match and ("/" not in file or file.startswith("src/")):
            evidence = Evidence(folder.path(file), line_of(text, match.start()), "is a main module")
            return ("python", file), evidence, "likely"
    return None


def likely_main(folder: Folder) -> str:
    """The file with a usual name of a main module, or else the only module; empty if there is none."""
    name = folder.has(*_MAIN_NAMES, *(f"src/{name}" for name in _MAIN_NAMES))
    if name:
        return name
    modules = [file for file in folder.top_files if file.endswith(_ENDINGS) and file not in _NOT_MAIN]
    return modules[0] if len(modules) == 1 else ""


def module_name(file: str) -> str:
    """The name by which Python imports the file."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
