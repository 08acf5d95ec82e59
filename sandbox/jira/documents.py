"""Atlassian Document Format, in which JIRA's REST API v3 writes descriptions and comments.

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

from typing import Any

from sandbox.jira.refusals import Refused

BLOCKS = {"paragraph", "bulletList", "orderedList", "heading", "codeBlock", "blockquote", "rule", "panel"}
INLINE = {"text", "hardBreak", "mention", "emoji", "inlineCard"}
LONGEST = 32_767


def of_text(text: str) -> dict[str, Any]:
    """As JIRA converts wiki markup: a paragraph for each line, lists, and bold lines."""
    return {"type": "doc", "version": 1, "content": [_of_line(line) for line in text.split("\n")]}


def _of_line(line: str) -> dict[str, Any]:
    if line.startswith("* "):
        return {"type": "bulletList", "content": [{"type": "listItem", "content": [_of_line(line[2:])]}]}
    bold = len(line) > 2 and line[0] == line[-1] == "*"
    text = (
        {"type": "text", "text": line[1:-1], "marks": [{"type": "strong"}]} if bold else {"type": "text", "text": line}
    )
    return {"type": "paragraph", "content": [text] if line else []}


def text_of(document: object, field: str) -> str:
    """What the board shows of a document. Raises Refused for what is not one."""
    if not isinstance(document, dict) or document.get("type") != "doc" or document.get("version") != 1:
        message = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
        raise Refused(errors={field: message})
    text = "\n".join(_block(block, field) for block in document.get("content", []))
    if len(text) > LONGEST:
        raise Refused(errors={field: "CONTENT_LIMIT_EXCEEDED"})
    return text


def _block(node: object, field: str) -> str:
    if not isinstance(node, dict) or node.get("type") not in BLOCKS:
        raise Refused("INVALID_INPUT", errors={field: "INVALID_INPUT"})
    content = node.get("content", [])
    if node["type"] in ("bulletList", "orderedList"):
        return "\n".join(f"* {_item(item, field)}" for item in content)
    return "".join(_inline(each, field) for each in content)


def _item(node: object, field: str) -> str:
    if not isinstance(node, dict) or node.get("type") != "listItem":
        raise Refused("INVALID_INPUT", errors={field: "INVALID_INPUT"})
    return "\n".join(_block(block, field) for block in node.get("content", []))


def _inline(node: object, field: str) -> str:
    """An empty text is refused, as JIRA does."""
    if (
        not isinstance(node, dict)
        or node.get("type") not in INLINE
        or (node["type"] == "text" and not node.get("text"))
    ):
        raise Refused("INVALID_INPUT", errors={field: "INVALID_INPUT"})
    if node["type"] == "hardBreak":
        return "\n"
    text = str(node.get("text") or (node.get("attrs") or {}).get("text") or (node.get("attrs") or {}).get("url") or "")
    return f"*{text}*" if any(mark.get("type") == "strong" for mark in node.get("marks", [])) else text
