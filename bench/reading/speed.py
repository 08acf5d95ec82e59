"""How long it takes to read large repositories."""

import time
from collections.abc import Callable
from functools import partial

import readers
import stacks

REPEATS = 5
APP = "import os\nPORT = int(os.environ.get('PORT', '8000'))\nif __name__ == '__main__': ...\n"


def lines() -> list[str]:
    """One line per repository, relative to a plain loop over the same paths, so that it means something on any machine."""
    small = {
        f"services/s{number % 40}/{name}": text
        for number in range(40)
        for name, text in (("requirements.txt", "flask\n"), ("app.py", APP))
    }
    small |= {f"services/s{number % 40}/package{number % 7}/module{number}.py": "" for number in range(1_920)}
    large = [f"d{number % 700}/e{number % 90}/f{number}.py" for number in range(100_000)]
    return [
        _line("2,000 files", sorted(small), small),
        _line("a listing of 100,000 files", large, {}),
    ]


def _line(name: str, paths: list[str], texts: dict[str, str]) -> str:
    loop = min(_seconds(partial(_loop, paths)) for _ in range(REPEATS))
    read = min(_seconds(partial(_read, paths, texts)) for _ in range(REPEATS))
    handed = min(_seconds(partial(_read_in_child, paths, texts)) for _ in range(REPEATS))
    return (
        f"{name}: read in {read * 1000:.0f} ms, {read / loop:.0f} times a loop over the paths; "
        f"in a child {handed / read:.2f} times that, {(handed - read) * 1000:.0f} ms more for two requests"
    )


def _loop(paths: list[str]) -> None:
    for path in paths:
        path.rpartition("/")


def _read(paths: list[str], texts: dict[str, str]) -> None:
    wanted = stacks.wanted(paths)
    stacks.read(paths, {path: texts[path] for path in wanted if path in texts}, "speed")


def _read_in_child(paths: list[str], texts: dict[str, str]) -> None:
    wanted = readers.wanted(paths)
    readers.read(paths, {path: texts[path] for path in wanted if path in texts}, "speed")


def _seconds(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
