"""Parsers of manifests that hostile content cannot exhaust. All of them raise ValueError or RecursionError."""

import json
import tomllib
import xml.etree.ElementTree as ElementTree
from typing import Any
from xml.etree.ElementTree import Element

import yaml as pyyaml

import patterns

MAX_DOTS = 1_000
"""Dots in one line of TOML. The memory that the parser needs for a dotted key grows with their square."""

MAX_DEPTH = 100
"""Levels of a YAML or an XML document."""

MAX_ALIASES = 200
"""Aliases of a YAML document. Each may repeat what an earlier one repeats."""

MAX_ENTRIES = 5_000
"""Entries of a YAML mapping into which others were merged."""

MAX_NUMBER = 100
"""Characters of a YAML scalar that is read as anything but text."""

_TEXT = "tag:yaml.org,2002:str"

_MARK = patterns.repeated(r'["/]')
_COMMA = patterns.repeated(r",(\s{0,500}[}\]])")


def jsonc(text: str) -> Any:
    """JSON with comments and trailing commas."""
    return json.loads(_COMMA.sub(r"\1", _without_comments(text)))


def _without_comments(text: str) -> str:
    """Looks at every character at most twice: an expression for comments would read to the end at each start of one."""
    kept, kept_to, position = [], 0, 0
    for mark in _MARK.finditer(text):
        start = mark.start()
        if position == len(text):
            break
        if start < position:
            continue
        if mark[0] == '"':
            position = _end_of_string(text, start + 1)
        elif text.startswith(("//", "/*"), start):
            kept.append(text[kept_to:start])
            kept_to = position = _end_of_comment(text, start)
    return "".join((*kept, text[kept_to:]))


def _end_of_string(text: str, start: int) -> int:
    quote = text.find('"', start)
    while quote >= 0 and _is_escaped(text, quote, start):
        quote = text.find('"', quote + 1)
    return quote + 1 if quote >= 0 else len(text)


def _is_escaped(text: str, quote: int, start: int) -> bool:
    first = quote
    while first > start and text[first - 1] == "\\":
        first -= 1
    return (quote - first) % 2 == 1


def _end_of_comment(text: str, start: int) -> int:
    end = text.find("\n", start) if text.startswith("//", start) else text.find("*/", start + 2) + 2
    return end if end > start + 1 else len(text)


def toml(text: str) -> dict[str, Any]:
    """Raises ValueError for text that is not TOML or would exhaust the parser."""
    if any(line.count(".") > MAX_DOTS for line in text.splitlines()):
        raise ValueError("a line has too many dots")
    return tomllib.loads(text)


class _Loader(getattr(pyyaml, "CSafeLoader", pyyaml.SafeLoader)):  # type: ignore[misc]
    """Plain data only, with libyaml where it is installed."""

    def resolve(self, kind: type, value: str, implicit: tuple[bool, bool]) -> str:
        """A long scalar is a text: reading 1:1:1:… as a number takes quadratic time."""
        long = kind is pyyaml.ScalarNode and len(value) > MAX_NUMBER
        return _TEXT if long else str(super().resolve(kind, value, implicit))

    def flatten_mapping(self, node: pyyaml.MappingNode) -> None:
        """Merges `<<`, which repeats the entries of a mapping wherever an alias names it."""
        super().flatten_mapping(node)
        if len(node.value) > MAX_ENTRIES:
            raise ValueError("merging its mappings gives too many entries")


def yaml(text: str) -> Any:
    """The first document. Raises ValueError for text that is not YAML or that would exhaust the parser."""
    try:
        _check_events(text)
        return next(pyyaml.load_all(text, Loader=_Loader), None)
    except pyyaml.YAMLError as error:
        raise ValueError(str(error).splitlines()[0]) from error


def _check_events(text: str) -> None:
    """libyaml composes a document recursively in C: too many levels end the process."""
    depth = aliases = 0
    for event in pyyaml.parse(text, Loader=_Loader):
        depth += isinstance(event, pyyaml.CollectionStartEvent) - isinstance(event, pyyaml.CollectionEndEvent)
        aliases += isinstance(event, pyyaml.AliasEvent)
        if depth > MAX_DEPTH:
            raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
        if aliases > MAX_ALIASES:
            raise ValueError(f"it has more than {MAX_ALIASES} aliases")
        if isinstance(event, pyyaml.DocumentEndEvent):
            return


class _Tree(ElementTree.TreeBuilder):
    """Refuses deep nesting, in which a look below each element takes quadratic time."""

    depth = 0

    def start(self, tag: str, attributes: dict[str, str], /) -> Element:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
        return super().start(tag, attributes)

    def end(self, tag: str, /) -> Element:
        self.depth -= 1
        return super().end(tag)


def xml(text: str) -> Element:
    """Raises ValueError for text that is not XML or declares a document type, which could define entities."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("it declares a document type")
    try:
        root = ElementTree.fromstring(text, ElementTree.XMLParser(target=_Tree()))  # noqa: S314 - no entities
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    return root
