"""Text that can be stored and printed, whatever a provider sent.

PostgreSQL refuses NUL in text and in JSON, and UTF-8 has no form of half a surrogate pair, although JSON can carry both.
https://www.postgresql.org/docs/current/datatype-json.html
"""

REPLACEMENT = "\ufffd"
_HARMFUL = dict.fromkeys([0, *range(0xD800, 0xE000)], REPLACEMENT)


def storable(text: str) -> str:
    """The text with U+FFFD for each character that cannot be stored."""
    return text.translate(_HARMFUL)
