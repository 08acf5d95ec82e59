"""The main packages of a Go module, and the programs that they become. https://go.dev/doc/modules/layout"""

import patterns
from stacks import golang_serving
from stacks.folder import Folder

_SUPPORTING = ("example", "examples", "tools", "hack", "test", "scripts", "internal")
"""Folders whose main packages are no services."""
_MAIN_FUNCTION = patterns.compile(r"^func\s+main\(\)", multiline=True)
_MAIN_PACKAGE = patterns.compile(r"^package\s+main\b", multiline=True)
_MODULE = patterns.compile(r"^module\s+([\w./-]+)", multiline=True)
_MAJOR_VERSION = patterns.compile(r"v\d+")
_NAME = patterns.compile(r"[\w-]+")


def mains(folder: Folder) -> list[str]:
    """Files of main packages, the likeliest service first."""

    def rank(path: str) -> tuple[int, int, str]:
        parent = path.rpartition("/")[0]
        last = parent.rpartition("/")[2]
        order = ("server", "api", "web", "app", "service", folder.root.rpartition("/")[2])
        return (0 if not parent else 1, order.index(last) if last in order else len(order), path)

    files = [path for path in folder.files if _is_main(folder, path)]
    if not files:  # the main function can be in a file of any name
        files = [name for name, text in folder.sources(golang_serving.ENDINGS) if _MAIN_FUNCTION.search(text)]
    return sorted(files, key=rank)


def _is_main(folder: Folder, path: str) -> bool:
    *parents, name = path.split("/")
    if name != "main.go" or len(parents) > 3 or any(parent in _SUPPORTING for parent in parents):
        return False
    return not folder.fetched(path) or _MAIN_PACKAGE.search(folder.text(path)) is not None


def package_path(folder: Folder, main: str) -> str:
    """The path of the main package, relative to the folder in which commands run."""
    parent = main.rpartition("/")[0]
    return "./" + "/".join(part for part in (folder.inside, parent) if part) if folder.inside or parent else "."


def _last_part(module: str) -> str:
    """The last part of a module's path without its major version: `example.org/shop/v2` is shop."""
    path, _, last = module.rpartition("/")
    return path.rpartition("/")[2] if path and _MAJOR_VERSION.fullmatch(last) else last


def program_name(main: str, module: str, name: str) -> str:
    """The name that `go build` gives the program."""
    parent = main.rpartition("/")[0].rpartition("/")[2]
    path = _MODULE.search(module)
    last = _last_part(path[1]) if path else ""
    program = parent if parent not in ("", "cmd", "src") else last or name
    return program if _NAME.fullmatch(program) else name
