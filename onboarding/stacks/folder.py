"""One folder of a repository as a family's reader sees it: what lies in it and below it, and what was fetched of that."""

import json
import re
import tomllib
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element

import yaml

from onboarding.stacks.components import Evidence

MAX_TEXT = 400_000
"""Characters of one manifest that are looked at; what is longer is no manifest."""

MAX_DOTS = 1_000
"""In one line of TOML: the memory that its parser needs for a dotted key grows with their square."""

MAX_ALIASES = 1_000
"""Stars in a YAML file."""

MAX_COMMAND = 2_000
"""Characters of a command; what is longer is none that a person wrote."""

_NOT_THE_SERVICE = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|conftest|setup|[^/]*\.(test|spec|config))\.[a-z]+$")

_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA = re.compile(r",(\s*[}\]])")


def _without_comment(found: re.Match[str]) -> str:
    return found[1] or ""


@dataclass
class Folder:
    """`files` are relative to `root` and leave out what belongs to a component further down. Warnings are collected."""

    root: str
    files: frozenset[str]
    texts: Mapping[str, str]
    warnings: list[str] = field(default_factory=list)
    workspaces: "Mapping[str, Folder]" = field(default_factory=dict)
    """Family → the folder above whose workspace of that family this one is a member of."""
    workspace: "Folder | None" = None
    """That of the family whose turn it is to read."""

    def path(self, name: str) -> str:
        return f"{self.root}/{name}" if self.root else name

    @property
    def inside(self) -> str:
        """The path within its workspace, where it is a member of one; else nothing."""
        above = self.workspace
        return self.root[len(above.root) + 1 if above.root else 0 :] if above is not None else ""

    @property
    def title(self) -> str:
        """The folder in a sentence."""
        return self.root or "the repository's root"

    def text(self, name: str) -> str:
        """The file's text, or nothing where it is not there, was not fetched or is too long."""
        found = self.texts.get(self.path(name), "") if name in self.files else ""
        if len(found) > MAX_TEXT:
            self.warn(f"{self.path(name)} is too long to be a manifest and was not looked at.")
            return ""
        return found

    def fetched(self, name: str) -> bool:
        return name in self.files and self.path(name) in self.texts

    def warn(self, words: str) -> None:
        if words not in self.warnings:
            self.warnings.append(words)

    def json(self, name: str) -> dict[str, Any]:
        """The file's object; an empty one, with a warning, where it holds none."""
        return self._parsed(name, json.loads)

    def jsonc(self, name: str) -> dict[str, Any]:
        """JSON with comments and commas at ends. https://code.visualstudio.com/docs/languages/json#_json-with-comments"""
        return self._parsed(name, lambda text: json.loads(_COMMA.sub(r"\1", _COMMENT.sub(_without_comment, text))))

    def toml(self, name: str) -> dict[str, Any]:
        return self._parsed(name, _toml)

    def yaml(self, name: str) -> dict[str, Any]:
        return self._parsed(name, _yaml)

    def xml(self, name: str) -> Element:
        """The document with its namespaces taken off; an empty element, with a warning, where it is none."""
        text = self.text(name)
        try:
            return _xml(text) if text else Element("none")
        except (ValueError, RecursionError) as error:
            self.warn(f"{self.path(name)} cannot be read: {str(error)[:120]}.")
            return Element("none")

    def _parsed(self, name: str, parse: Callable[[str], Any]) -> dict[str, Any]:
        text = self.text(name)
        if not text:
            return {}
        try:
            data = parse(text.removeprefix("\ufeff"))
        except (ValueError, RecursionError) as error:
            self.warn(f"{self.path(name)} cannot be read: {str(error)[:120]}.")
            return {}
        if data is None:
            return {}
        if not isinstance(data, dict):
            self.warn(f"{self.path(name)} is not what a file of this name holds.")
            return {}
        return data

    def has(self, *names: str) -> str:
        """The first of these files that is there, or nothing."""
        return next((name for name in names if name in self.files), "")

    @cached_property
    def top(self) -> tuple[str, ...]:
        """The files that lie in the folder itself, in order."""
        return tuple(sorted(name for name in self.files if "/" not in name))

    def ending(self, *endings: str) -> list[str]:
        """The folder's own files with these endings, in order."""
        return [name for name in self.top if name.endswith(endings)]

    def below(self, *endings: str) -> bool:
        """Whether a file with one of these endings lies anywhere in the folder."""
        return any(name.endswith(endings) for name in self.files)

    @cached_property
    def _fetched_sources(self) -> tuple[tuple[str, str], ...]:
        start = len(self.root) + 1 if self.root else 0
        below = (path[start:] for path in self.texts if path.startswith(self.root))  # far fewer than there are files
        found = (name for name in sorted(below) if self.fetched(name) and not _NOT_THE_SERVICE.search(name))
        return tuple((name, text) for name in found if (text := self.text(name)))

    def sources(self, endings: tuple[str, ...]) -> list[tuple[str, str]]:
        """The fetched sources of this folder with these endings, tests left out: (name, text)."""
        return [(name, text) for name, text in self._fetched_sources if name.endswith(endings)]

    def seek(self, pattern: str, endings: tuple[str, ...]) -> tuple[re.Match[str], Evidence] | None:
        """The first match in the fetched sources, and where it stands."""
        for name, text in self.sources(endings):
            found = re.search(pattern, text, re.MULTILINE)
            if found:
                return found, Evidence(self.path(name), line_of(text, found.start()), "")
        return None


def _toml(text: str) -> dict[str, Any]:
    """Raises ValueError."""
    if any(line.count(".") > MAX_DOTS for line in text.splitlines()):
        raise ValueError("a line has too many dots")
    return tomllib.loads(text)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Plain data alone. An alias is refused where a file has thousands of them: no manifest needs that."""


def _yaml(text: str) -> Any:
    """The first document. Raises ValueError."""
    if text.count("*") > MAX_ALIASES:
        raise ValueError("it has too many references")
    try:
        return next(yaml.load_all(text, Loader=_Loader), None)
    except yaml.YAMLError as error:
        raise ValueError(str(error).splitlines()[0]) from error


def _xml(text: str) -> Element:
    """Raises ValueError."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("it declares a document type")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - no entities, and at most MAX_TEXT
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    return root


def line_of(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def as_table(value: Any) -> dict[str, Any]:
    """A table of a manifest, or an empty one where it holds something else."""
    return value if isinstance(value, dict) else {}


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def as_lines(value: Any) -> list[str]:
    """The texts of a list, or none where it holds something else."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
