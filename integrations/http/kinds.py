"""What an answer may be, and how much of it is read: every exchange expects one of these kinds."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Kind:
    """A kind of answer. Sizes are in bytes, after decompression."""

    name: str
    limit: int
    """A longer answer is an error, and no more than this is read of it."""
    values: int = 200_000
    """JSON of more values is an error: a parsed value takes thirty times its text, and its report in an error more."""
    kept: int = 0
    """Of a longer text, only so much of its end is kept. 0: all of it, and it is checked as JSON."""


PAGE = Kind("one page of an API", 8 * MEBIBYTE)
TREE = Kind("a listing of files", 32 * MEBIBYTE, values=1_000_000)
"""GitHub lists up to 100,000 files in one answer, with seven values for each."""
FILE = Kind("a file", 4 * MEBIBYTE)
LOG = Kind("a log", 64 * MEBIBYTE, kept=MEBIBYTE // 4)
STATUS = Kind("a status", 0)
"""Only the status and the headers are read."""

_kind: ContextVar[Kind] = ContextVar("kind", default=PAGE)


@contextmanager
def expecting(kind: Kind) -> Iterator[None]:
    """The answers of this block are of this kind; elsewhere they are `PAGE`."""
    token = _kind.set(kind)
    try:
        yield
    finally:
        _kind.reset(token)


def expected() -> Kind:
    return _kind.get()
