"""The program of a child: reads what it is sent, one repository after the other, until its parent closes the pipe.

python -m readers.child LIFELINE SECONDS MEMORY
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from io import FileIO
from typing import Any

import generate
import stacks
from readers import confinement, frames

OUT_OF_MEMORY = 12
"""The exit status that says so."""

LONGEST_REQUEST = 512 * 1024**2
_REPLACEMENT = "\ufffd"


def main(lifeline: int, seconds: float, memory: int) -> None:
    confinement.end_with_parent(lifeline)
    confinement.confine(memory)
    requests, answers = FileIO(0), FileIO(1, "w")
    frames.write(answers, b"ready")
    while True:
        try:
            request = frames.read(requests, LONGEST_REQUEST)
            confinement.allow_seconds(seconds)
            frames.write(answers, answer(request))
        except EOFError:
            return
        except MemoryError:
            os._exit(OUT_OF_MEMORY)


def answer(request: bytes) -> bytes:
    """The answer to {"task": …, "arguments": {…}}, as JSON in UTF-8."""
    task = json.loads(request)
    return json.dumps(_storable(_TASKS[task["task"]](**task["arguments"])), ensure_ascii=False).encode()


def _wanted(paths: str) -> list[str]:
    return list(stacks.wanted(_split(paths)))


def _read(paths: str, texts: dict[str, str], default_name: str) -> dict[str, Any]:
    return asdict(stacks.read(_split(paths), texts, default_name))


def _diffs(files: list[tuple[str, str, str | None]]) -> list[str]:
    return [generate.diff(generate.File(path, ours, ""), existing) for path, ours, existing in files]


def _split(paths: str) -> list[str]:
    return paths.split("\n") if paths else []


_TASKS: dict[str, Callable[..., Any]] = {"wanted": _wanted, "read": _read, "diffs": _diffs}


def _storable(value: Any) -> Any:
    """Without NUL and halves of surrogate pairs, which JSON can escape and no database stores."""
    if isinstance(value, str):
        return value.replace("\0", _REPLACEMENT).encode(errors="replace").decode()
    if isinstance(value, dict):
        return {key: _storable(item) for key, item in value.items()}
    return [_storable(item) for item in value] if isinstance(value, list | tuple) else value


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
