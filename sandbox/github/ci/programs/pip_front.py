"""In front of the real pip: an `install` that names nothing, as with an empty requirements file, is done at once.

Copied into the virtual environments of jobs as the package `pip`; there `real.txt` beside it, else the variable
SANDBOX_REAL_PIP, says where the real one is.
"""

# ruff: noqa: T201 - a command speaks by printing

import os
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

WITH_VALUE = ("-c", "--constraint", "-i", "--index-url", "--target", "-t", "--extra-index-url", "-f", "--find-links")


def names_something(words: Sequence[str], folder: Path) -> bool:
    """Whether `pip install <words>` in this folder has anything to install. Raises OSError for a missing file."""
    files: list[str] = []
    named: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in ("-r", "--requirement"):
            files.append(next(rest, ""))
        elif word.startswith("-r"):
            files.append(word[2:])
        elif word in ("-e", "--editable"):
            named.append(next(rest, ""))
        elif word in WITH_VALUE:
            next(rest, "")
        elif not word.startswith("-"):
            named.append(word)
    if named == ["pip"] and {"-U", "--upgrade"} & set(words):
        named = []  # the newest pip is not worth a download
    lines = [line.strip() for name in files for line in (folder / name).read_text(encoding="utf-8").splitlines()]
    return bool(named) or any(line and not line.startswith("#") for line in lines)


def main(words: Sequence[str]) -> int:
    if words[:1] == ["install"]:
        try:
            if not names_something(words[1:], Path.cwd()):
                print("Nothing to install.")
                return 0
        except OSError as error:
            print(f"ERROR: Could not open requirements file: {error}", file=sys.stderr)
            return 1
    here = Path(__file__).resolve().parent
    noted = here / "real.txt"
    real = noted.read_text().strip() if noted.is_file() else os.environ.get("SANDBOX_REAL_PIP", "")
    if not real:
        print("ERROR: this machine's Python has no pip, so nothing can be installed", file=sys.stderr)
        return 1
    sys.path[:] = [real, *(place for place in sys.path if Path(place or ".").resolve() != here)]
    for name in [name for name in sys.modules if name.partition(".")[0] == "pip"]:
        del sys.modules[name]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
