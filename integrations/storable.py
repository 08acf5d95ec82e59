"""Text that can be stored and printed, whatever a provider sent.

PostgreSQL refuses NUL in text and in JSON, and UTF-8 has no form of half a surrogate pair, although JSON can carry both.
https://www.postgresql.org/docs/current/datatype-json.html
"""

import re

REPLACEMENT = "\ufffd"
_HARMFUL = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with U+FFFD for each character that cannot be stored."""
    return _HARMFUL.sub(REPLACEMENT, text)
