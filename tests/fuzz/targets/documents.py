"""Texts of tickets, in which names and messages are foreign, as Atlassian documents; and documents that people wrote."""

from integrations.issues import jira_document
from tests.fuzz.oracles import short
from tests.fuzz.parser import Document, Parser

SAMPLES: tuple[Document, ...] = (
    "*Cause*\nThe quota of [~admin] is used up: https://a.example/x.\n\n* one\n* two {html}\n\nEnd",
    jira_document.document("*Cause*\n* see https://a.example/x\nthe end"),
    {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "mention", "attrs": {"text": "@Pat"}}]}]},
)


def convert(document: Document) -> None:
    if isinstance(document, str):
        written = jira_document.document(document)
        assert all(text for text in _texts(written)), "JIRA refuses an empty text"
        short(jira_document.plain(written), 10 + 3 * len(document))
    else:
        short(jira_document.plain(document), 100 + 3 * len(str(document)))


def _texts(node: Document) -> list[str]:
    if isinstance(node, list):
        return [text for child in node for text in _texts(child)]
    if not isinstance(node, dict):
        return []
    texts = [str(node["text"])] if node.get("type") == "text" else []
    return texts + _texts(node.get("content", []))


PARSERS = [
    Parser("documents", lambda: list(SAMPLES), convert, ("*", "* ", "https://", "\n\n", "hardBreak", "listItem"))
]
