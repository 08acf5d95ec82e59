"""Regular expressions over text that others wrote. Their work grows linearly with the text, whatever it contains.

They are RE2's (https://github.com/google/re2/wiki/Syntax): without look-around and back-references, which are what makes other
engines backtrack. `\\d`, `\\w`, `\\s` and `\\b` know ASCII only, and `$` is the end of the text, or of a line with `multiline`.
Patterns are compiled at module level, so that a test can walk all of them. This package knows nothing else of ours.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar, cast

import re2

NOTHING = r"[^\x00-\x{10FFFF}]"
"""A pattern that matches nowhere."""

WORD = r"\pL\pN_"
"""For a set of characters: the letters and digits of all scripts, and the underscore."""


class Match(Protocol):
    """A match. Groups have numbers or names, and are None if they took no part. Positions are characters."""

    def __getitem__(self, group: int | str) -> str | Any: ...
    def groups(self) -> tuple[str | Any, ...]: ...
    def groupdict(self) -> dict[str, str | None]: ...
    def start(self, group: int = 0) -> int: ...
    def end(self, group: int = 0) -> int: ...


class _Compiled(Protocol):
    @property
    def groups(self) -> int: ...
    def search(self, text: str) -> Match | None: ...
    def match(self, text: str) -> Match | None: ...
    def fullmatch(self, text: str) -> Match | None: ...
    def finditer(self, text: str) -> Iterator[Match]: ...
    def findall(self, text: str) -> list[str]: ...
    def sub(self, replacement: str | Callable[[Match], str], text: str) -> str: ...


class Pattern:
    """Finds one place in a text."""

    def __init__(self, source: str, flags: str) -> None:
        self.source, self.flags = source, flags
        self._compiled = cast(_Compiled, re2.compile(f"(?{flags}:{source})" if flags else source))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source!r}, {self.flags!r})"

    def search(self, text: str) -> Match | None:
        """The first match anywhere."""
        return self._compiled.search(_encodable(text))

    def match(self, text: str) -> Match | None:
        """The match at the start of the text."""
        return self._compiled.match(_encodable(text))

    def fullmatch(self, text: str) -> Match | None:
        """The match that is the whole text."""
        return self._compiled.fullmatch(_encodable(text))


class RepeatedPattern(Pattern):
    """Finds all places in a text. A test asserts that none of its matches can be endless.

    One search is linear, but a search after each match is not: where a match could be endless, each of them may read to the end of
    the text and fail only there.
    """

    def finditer(self, text: str) -> Iterator[Match]:
        """All matches that do not overlap, from left to right."""
        return self._compiled.finditer(_encodable(text))

    def findall(self, text: str) -> list[str]:
        """The texts of all matches, or of the only group in them."""
        assert self._compiled.groups < 2, "several groups: use finditer"
        return self._compiled.findall(_encodable(text))

    def sub(self, replacement: str | Callable[[Match], str], text: str) -> str:
        """The text with every match replaced; \\1 stands for the first group."""
        return self._compiled.sub(replacement, _encodable(text))


_ALL: list[Pattern] = []
_P = TypeVar("_P", bound=Pattern)


def compile(source: str, *, multiline: bool = False, ignore_case: bool = False, dot_all: bool = False) -> Pattern:
    """`multiline`: ^ and $ also match at line breaks. `dot_all`: a dot also matches a line break. Raises re2.error."""
    return _listed(Pattern(source, _flags(multiline=multiline, ignore_case=ignore_case, dot_all=dot_all)))


def repeated(source: str, *, multiline: bool = False) -> RepeatedPattern:
    """A pattern for all places. Give every quantifier an upper bound: {0,40} instead of *. Raises re2.error."""
    return _listed(RepeatedPattern(source, _flags(multiline=multiline)))


def compiled() -> tuple[Pattern, ...]:
    """All patterns of the modules that have been imported."""
    return tuple(_ALL)


def _flags(*, multiline: bool = False, ignore_case: bool = False, dot_all: bool = False) -> str:
    return "m" * multiline + "i" * ignore_case + "s" * dot_all


def _listed(pattern: _P) -> _P:
    _ALL.append(pattern)
    return pattern


def _encodable(text: str) -> str:
    """The text as UTF-8 can carry it: JSON may escape half of a surrogate pair, which becomes a question mark."""
    return text if text.isascii() else text.encode(errors="replace").decode()
