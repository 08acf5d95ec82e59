"""Parsers of manifests that hostile content cannot exhaust. All of them raise ValueError or RecursionError."""

import json
import re
import tomllib
import xml.etree.ElementTree as ElementTree
from typing import Any
from xml.etree.ElementTree import Element

import yaml as pyyaml

MAX_DOTS = 1_000
"""Dots in one line of TOML. The memory that the parser needs for a dotted key grows with their square."""

MAX_ALIASES = 1_000
"""Asterisks in a YAML file: an upper bound of its aliases, which could expand to gigabytes."""

_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA = re.compile(r",(\s*[}\]])")


def _without_comment(match: re.Match[str]) -> str:
    return match[1] or ""


def jsonc(text: str) -> Any:
    """JSON with comments and trailing commas."""
    return json.loads(_COMMA.sub(r"\1", _COMMENT.sub(_without_comment, text)))


def toml(text: str) -> dict[str, Any]:
    """Raises ValueError for text that is not TOML or would exhaust the parser."""
    if any(line.count(".") > MAX_DOTS for line in text.splitlines()):
        raise ValueError("a line has too many dots")
    return tomllib.loads(text)


class _Loader(getattr(pyyaml, "CSafeLoader", pyyaml.SafeLoader)):  # type: ignore[misc]
    """Plain data only, with libyaml where it is installed."""


def yaml(text: str) -> Any:
    """The first document. Raises ValueError for text that is not YAML or has more aliases than a manifest needs."""
    if text.count("*") > MAX_ALIASES:
        raise ValueError("it has too many aliases")
    try:
        return next(pyyaml.load_all(text, Loader=_Loader), None)
    except pyyaml.YAMLError as error:
        raise ValueError(str(error).splitlines()[0]) from error


def xml(text: str) -> Element:
    """Raises ValueError for text that is not XML or declares a document type, which could define entities."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("it declares a document type")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - no entities, and at most MAX_TEXT
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    return root
