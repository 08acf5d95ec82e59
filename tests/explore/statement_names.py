"""Names of statements, as the table of a schedule shows them."""

import re
from typing import Any

from engine import statements
from events import log

_KNOWN = {
    text: f"{name.lower()}.sql" for name, text in vars(statements).items() if name.isupper() and isinstance(text, str)
} | {log._APPEND: "append an event"}
_ORM = re.compile(r'^(SELECT|UPDATE|INSERT INTO|DELETE FROM)\b.*?"(\w+)"', re.DOTALL)
_FROM = re.compile(r'\bFROM "(\w+)"')


def statement_name(sql: Any) -> str:
    """The file of a statement of the engine; the verb and the table of one that Django composed."""
    text = str(sql)
    if text in _KNOWN:
        return _KNOWN[text]
    match = _ORM.match(text)
    if match is None:
        return " ".join(text.split())[:60]
    verb, table = match.groups()
    table = _FROM.search(text).group(1) if verb == "SELECT" and _FROM.search(text) else table  # type: ignore[union-attr]
    lock = " FOR UPDATE" if " FOR " in text and verb == "SELECT" else ""
    return f"{verb}{lock} {table}"
