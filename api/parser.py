"""The API's JSON, without text that no row can hold."""

import json
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser


class Unstorable(ValueError):
    """The document contains text that cannot be stored; the message says which."""


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Raises ValueError: for what is no JSON, and Unstorable for a NUL or half of a surrogate pair in any text or name."""
        document: dict[str, Any] = json.loads(request.body)
        check(document)
        return document


def check(document: Any) -> None:
    """Raises Unstorable. JSON allows both: RFC 8259, 8.2 and 9."""
    pending = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending += [*value, *value.values()]
        elif isinstance(value, list):
            pending += value
        elif isinstance(value, str):
            _check_text(value)


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise Unstorable("The body contains a NUL character, which cannot be stored. Remove it and try again.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = "The body contains half of a surrogate pair, which cannot be stored. Send valid Unicode."
        raise Unstorable(message) from error
