"""The files of one folder: their names, and the texts that were fetched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import patterns
from stacks.components import Evidence

MAX_TEXT = 400_000
"""Characters. A longer file is no manifest and is not parsed."""

MAX_WARNINGS = 100
"""Warnings of one reading. Nobody reads more."""

_TEST_OR_SETUP = patterns.compile(r"(^|/)(test_[^/]*|[^/]*_test|conftest|setup|[^/]*\.(test|spec|config))\.[a-z]+$")


@dataclass
class FolderFiles:
    """`files` are relative to `root`, without those of components further down. `texts` are keyed by full path.

    `warnings` is one list, shared by all folders of a reading.
    """

    root: str
    files: frozenset[str]
    texts: Mapping[str, str]
    warnings: list[str] = field(default_factory=list)

    def path(self, name: str) -> str:
        return f"{self.root}/{name}" if self.root else name

    @property
    def title(self) -> str:
        """The name of the folder in a sentence."""
        return self.root or "the repository's root"

    def text(self, name: str) -> str:
        """The text of a file; empty if the file is missing, was not fetched or is too long."""
        text = self.texts.get(self.path(name), "") if name in self.files else ""
        if len(text) > MAX_TEXT:
            self.warn(f"{self.path(name)} is too long for a manifest and was not read.")
            return ""
        return text

    def fetched(self, name: str) -> bool:
        return name in self.files and self.path(name) in self.texts

    def warn(self, message: str) -> None:
        if message not in self.warnings and len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(message)

    def has(self, *names: str) -> str:
        """The first of these files that exists, or an empty text."""
        return next((name for name in names if name in self.files), "")

    @cached_property
    def top_files(self) -> tuple[str, ...]:
        """The files directly in the folder, sorted."""
        return tuple(sorted(name for name in self.files if "/" not in name))

    def top_files_ending(self, *endings: str) -> list[str]:
        """The files directly in the folder with one of these endings, sorted."""
        return [name for name in self.top_files if name.endswith(endings)]

    def contains(self, *endings: str) -> bool:
        """Whether any file at any depth has one of these endings."""
        return any(name.endswith(endings) for name in self.files)

    @cached_property
    def _fetched_sources(self) -> tuple[tuple[str, str], ...]:
        start = len(self.root) + 1 if self.root else 0
        below = (path[start:] for path in self.texts if path.startswith(self.root))  # far fewer than all files
        names = (name for name in sorted(below) if self.fetched(name) and not _TEST_OR_SETUP.search(name))
        return tuple((name, text) for name in names if (text := self.text(name)))

    def sources(self, endings: tuple[str, ...]) -> list[tuple[str, str]]:
        """(name, text) of the fetched sources with one of these endings, without tests."""
        return [(name, text) for name, text in self._fetched_sources if name.endswith(endings)]

    def search(self, pattern: patterns.Pattern, endings: tuple[str, ...]) -> tuple[patterns.Match, Evidence] | None:
        """The first match in the fetched sources, and its place as evidence without a message."""
        for name, text in self.sources(endings):
            match = pattern.search(text)
            if match:
                return match, Evidence(self.path(name), line_of(text, match.start()), "")
        return None


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
