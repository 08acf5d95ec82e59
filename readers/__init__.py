"""Reads repositories in child processes with limits of time and memory, so that no repository can stop the process that asks.

A child knows only what it is sent. It has no environment, no connection and no file of its parent, and answers in JSON, which is
checked like any other foreign text. Knows no framework and no row; `stacks` and `generate` stay pure functions.
"""

import atexit
import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from readers.failures import Failed, NotRead
from readers.pool import Pool
from stacks import Reading

POOL = Pool()
atexit.register(POOL.close)
_T = TypeVar("_T")
_TEXTS = TypeAdapter(list[str])
_READING = TypeAdapter(Reading)

__all__ = ["POOL", "NotRead", "diffs", "read", "wanted"]


def wanted(paths: Sequence[str], pool: Pool = POOL) -> list[str]:
    """`stacks.wanted`. Raises NotRead."""
    return _ask(pool, _TEXTS, "wanted", paths=joined(paths))


def read(paths: Sequence[str], texts: Mapping[str, str], default_name: str, pool: Pool = POOL) -> Reading:
    """`stacks.read`, without characters that no database stores. Raises NotRead."""
    return _ask(pool, _READING, "read", paths=joined(paths), texts=dict(texts), default_name=default_name)


def diffs(files: Sequence[tuple[str, str, str | None]], pool: Pool = POOL) -> list[str]:
    """`generate.diff` for each (path, our text, existing text). Raises NotRead."""
    return _ask(pool, _TEXTS, "diffs", files=list(files)) if files else []


def joined(paths: Sequence[str]) -> str:
    """One text for all paths, which is much faster to hand over. A line break in a path becomes another control character:
    `stacks` warns about both alike."""
    text = "\n".join(paths)
    return text if text.count("\n") < len(paths) else "\n".join(path.replace("\n", "\r") for path in paths)


def _ask(pool: Pool, answers: TypeAdapter[_T], task: str, **arguments: Any) -> _T:
    answer = pool.ask(json.dumps({"task": task, "arguments": arguments}).encode())
    try:
        return answers.validate_json(answer)
    except ValidationError as error:
        raise Failed from error
