"""Names of statements, as the table of a schedule shows them."""

import re
from typing import Any

from engine import statements
from events import log

_KNOWN = {
    statements.CLAIM: "claim.sql",
    statements.COMPLETE: "complete.sql",
    statements.INTEND_EFFECT: "intend_effect.sql",
    statements.RECORD_EFFECT: "record_effect.sql",
    statements.WAKE: "wake.sql",
    statements.OVERDUE: "overdue.sql",
    statements.RESULTS: "results.sql",
    log._APPEND: "append an event",
}
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
