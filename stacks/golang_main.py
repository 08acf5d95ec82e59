"""The main packages of a Go module, and the programs that they become. https://go.dev/doc/modules/layout"""

import re

from stacks import golang_serving
from stacks.folder import Folder

_SUPPORTING = ("example", "examples", "tools", "hack", "test", "scripts", "internal")
"""Folders whose main packages are no services."""


def mains(folder: Folder) -> list[str]:
    """Files of main packages, the likeliest service first."""

    def rank(path: str) -> tuple[int, int, str]:
        parent = path.rpartition("/")[0]
        last = parent.rpartition("/")[2]
        order = ("server", "api", "web", "app", "service", folder.root.rpartition("/")[2])
        return (0 if not parent else 1, order.index(last) if last in order else len(order), path)

    files = [path for path in folder.files if _is_main(folder, path)]
    if not files:  # the main function can be in a file of any name
        function = re.compile(r"^func\s+main\(\)", re.MULTILINE)
        files = [name for name, text in folder.sources(golang_serving.ENDINGS) if function.search(text)]
    return sorted(files, key=rank)


def _is_main(folder: Folder, path: str) -> bool:
    *parents, name = path.split("/")
    if name != "main.go" or len(parents) > 3 or any(parent in _SUPPORTING for parent in parents):
        return False
    return not folder.fetched(path) or bool(re.search(r"^package\s+main\b", folder.text(path), re.MULTILINE))


def package_path(folder: Folder, main: str) -> str:
    """The path of the main package, relative to the folder in which commands run."""
    parent = main.rpartition("/")[0]
    return "./" + "/".join(part for part in (folder.inside, parent) if part) if folder.inside or parent else "."


def program_name(main: str, module: str, name: str) -> str:
    """The name that `go build` gives the program."""
    parent = main.rpartition("/")[0].rpartition("/")[2]
    path = re.search(r"^module\s+([\w./-]+)", module, re.MULTILINE)
    last = re.sub(r"/v\d+$", "", path[1]).rpartition("/")[2] if path else ""
    program = parent if parent not in ("", "cmd", "src") else last or name
    return program if re.fullmatch(r"[\w-]+", program) else name
