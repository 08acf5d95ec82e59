"""Texts of tickets as Atlassian documents, and back."""

from typing import Any

import pytest

from integrations.issues import jira_document


def text(words: str, **mark: Any) -> dict[str, Any]:
    return {"type": "text", "text": words} | ({"marks": [mark]} if mark else {})


def paragraph(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(content)}


def test_bold_lines_lists_and_addresses_are_marked_up() -> None:
    document = jira_document.document("*Cause*\nThe quota is used up.\n\n* one\n* see https://a.example/x.\n\nEnd")
    assert document == {
        "type": "doc",
        "version": 1,
        "content": [
            paragraph(text("Cause", type="strong"), {"type": "hardBreak"}, text("The quota is used up.")),
            {
                "type": "bulletList",
                "content": [
                    {"type": "listItem", "content": [paragraph(text("one"))]},
                    {
                        "type": "listItem",
                        "content": [
                            paragraph(
                                text("see "),
                                text("https://a.example/x", type="link", attrs={"href": "https://a.example/x"}),
                                text("."),
                            )
                        ],
                    },
                ],
            },
            paragraph(text("End")),
        ],
    }


@pytest.mark.parametrize("words", ["**", "*a", "a*", "*a*b*", "[~admin] {html} !x! |", "***"])
def test_what_is_no_bold_line_stays_as_it_is(words: str) -> None:
    assert jira_document.document(words)["content"] == [paragraph(text(words))]


@pytest.mark.parametrize("words", ["", " ", "\n\n\n"])
def test_an_empty_text_is_an_empty_document(words: str) -> None:
    """JIRA refuses an empty text, but not an empty document."""
    assert jira_document.document(words)["content"] == []


def test_the_text_of_a_document_comes_back() -> None:
    words = "One\ntwo https://a.example/\n* three\n* four\nfive"
    assert jira_document.plain(jira_document.document(words)) == words


def test_people_and_cards_have_their_names() -> None:
    mention = {"type": "mention", "attrs": {"id": "712020:1", "text": "@Pat"}}
    card = {"type": "inlineCard", "attrs": {"url": "https://a.example/1"}}
    document = {"type": "doc", "content": [paragraph(mention, text(" did "), card, {"type": "mediaSingle"})]}
    assert jira_document.plain(document) == "@Pat did https://a.example/1"


def test_what_is_no_document_has_no_text() -> None:
    nested: dict[str, Any] = text("too deep")
    for _ in range(500):
        nested = {"type": "panel", "content": [nested]}
    documents: list[object] = [None, [], 3, {}, {"content": {}}, {"content": [None, {"type": [], "text": 3}]}, nested]
    assert [jira_document.plain(document) for document in documents] == [""] * len(documents)
