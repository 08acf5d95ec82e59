"""Our texts as documents, as JIRA Cloud wants them, and the text of its documents.

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import patterns

Node = dict[str, Any]
DEEPEST = 40
"""Levels of a document that are read."""
_ITEM = "* "
_ADDRESS = patterns.repeated(r"https?://[!#-;=?-~]{1,300}")
_AFTER_ADDRESS = ".,;:!?)"
_LINES = {"paragraph", "heading", "codeBlock", "tableRow", "rule"}
"""What begins a line of its own."""
_WITH_TEXT = {"mention", "emoji", "inlineCard", "status"}
"""What has its text in an attribute."""


def document(text: str) -> Node:
    """Bold lines, lists and addresses as such; everything else is plain text, whatever it contains."""
    blocks = [block for part in text.split("\n\n") for block in _blocks(part.split("\n"))]
    return {"type": "doc", "version": 1, "content": blocks}


def _blocks(lines: Iterable[str]) -> Iterator[Node]:
    for is_list, group in groupby(filter(str.strip, lines), key=lambda line: line.startswith(_ITEM)):
        if is_list:
            items = [_node("listItem", [_node("paragraph", list(_inline(line.removeprefix(_ITEM))))]) for line in group]
            yield _node("bulletList", items)
        else:
            yield _node("paragraph", list(_with_breaks(group)))


def _with_breaks(lines: Iterable[str]) -> Iterator[Node]:
    for number, line in enumerate(lines):
        if number:
            yield {"type": "hardBreak"}
        yield from _inline(line)


def _inline(line: str) -> Iterator[Node]:
    bold = line.removeprefix("*").removesuffix("*")
    if bold and len(line) == len(bold) + 2 and "*" not in bold:
        yield {"type": "text", "text": bold, "marks": [{"type": "strong"}]}
        return
    end = 0
    for match in _ADDRESS.finditer(line):
        address = str(match[0]).rstrip(_AFTER_ADDRESS)
        yield from _text(line[end : match.start()])
        yield {"type": "text", "text": address, "marks": [{"type": "link", "attrs": {"href": address}}]}
        end = match.start() + len(address)
    yield from _text(line[end:])


def _text(text: str) -> Iterator[Node]:
    """No node for an empty text, which JIRA refuses."""
    if text:
        yield {"type": "text", "text": text}


def _node(kind: str, content: list[Node]) -> Node:
    return {"type": kind, "content": content}


def plain(document: object) -> str:
    """The text of a document, with a line for each paragraph and item. What it does not know has no text."""
    return "".join(_plain(document, DEEPEST)).strip("\n")


def _plain(node: object, levels: int, *, begun: bool = False) -> Iterator[str]:
    """With `begun`, the line of this node has begun already."""
    if not isinstance(node, dict) or not levels:
        return
    kind, attributes, content = str(node.get("type")), node.get("attrs"), node.get("content")
    if kind == "hardBreak" or (kind in _LINES and not begun):
        yield "\n"
    elif kind == "listItem":
        yield f"\n{_ITEM}"
    elif isinstance(text := node.get("text"), str):
        yield text
    elif kind in _WITH_TEXT and isinstance(attributes, dict):
        yield str(next((attributes[name] for name in ("text", "url", "shortName") if name in attributes), ""))
    for number, child in enumerate(content if isinstance(content, list) else ()):
        yield from _plain(child, levels - 1, begun=kind == "listItem" and number == 0)
