"""Our texts in JIRA's wiki markup: bold words, lists and bare addresses work, everything else that they contain is inert.

https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all
"""

SPECIAL = "[]{}!|"
"""What mentions, links, images, macros and tables are written with."""
BACKSLASH = "&#92;"
"""Two backslashes would be a line break, and what follows them would be markup again."""

_ESCAPES = str.maketrans({"\\": BACKSLASH} | {character: f"\\{character}" for character in SPECIAL})


def inert(text: str) -> str:
    """As it is sent."""
    return text.translate(_ESCAPES)


def plain(markup: str) -> str:
    """As it was before `inert`."""
    for character in SPECIAL:
        markup = markup.replace(f"\\{character}", character)
    return markup.replace(BACKSLASH, "\\")
