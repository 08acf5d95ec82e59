"""One folder of a repository as a family's reader sees it: its own files and those below it, and what was fetched."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from onboarding.stacks.components import Evidence

MAX_TEXT = 400_000
"""Characters of one manifest that are looked at; what is longer is no manifest."""


@dataclass
class Folder:
    """`files` are paths relative to `root`. Warnings are collected here, never raised."""

    root: str
    files: frozenset[str]
    texts: Mapping[str, str]
    warnings: list[str] = field(default_factory=list)

    def path(self, name: str) -> str:
        return f"{self.root}/{name}" if self.root else name

    def text(self, name: str) -> str:
        """The file's text, or nothing where it is not there, was not fetched or is too long."""
        found = self.texts.get(self.path(name), "")
        if len(found) > MAX_TEXT:
            self.warn(f"{self.path(name)} is too long to be a manifest and was not looked at.")
            return ""
        return found

    def warn(self, words: str) -> None:
        if words not in self.warnings:
            self.warnings.append(words)

    def json(self, name: str) -> dict[str, Any]:
        return self._parsed(name, json.loads)

    def toml(self, name: str) -> dict[str, Any]:
        return self._parsed(name, tomllib.loads)

    def _parsed(self, name: str, parse: Any) -> dict[str, Any]:
        text = self.text(name)
        if not text:
            return {}
        try:
            data = parse(text)
        except (ValueError, RecursionError) as error:
            self.warn(f"{self.path(name)} cannot be read: {str(error)[:120]}.")
            return {}
        if not isinstance(data, dict):
            self.warn(f"{self.path(name)} is not what a file of this name holds.")
            return {}
        return data

    def has(self, *names: str) -> str:
        """The first of these files that is there, or nothing."""
        return next((name for name in names if name in self.files), "")

    def sources(self, ending: str) -> Iterator[tuple[str, str]]:
        """The fetched sources of this folder with this ending: (name, text)."""
        for name in sorted(self.files):
            if name.endswith(ending) and self.text(name):
                yield name, self.text(name)

    def seek(self, pattern: str, ending: str) -> tuple[re.Match[str], Evidence] | None:
        """The first match in the fetched sources, with the line it stands on."""
        for name, text in self.sources(ending):
            found = re.search(pattern, text)
            if found:
                return found, Evidence(self.path(name), text.count("\n", 0, found.start()) + 1, "")
        return None


def as_table(value: Any) -> dict[str, Any]:
    """A table of a manifest, or an empty one where it holds something else."""
    return value if isinstance(value, dict) else {}


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else ""
