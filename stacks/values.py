"""Values of parsed manifests by type. No structure is guaranteed: a value of any other type counts as empty."""

from typing import Any


def as_table(value: Any) -> dict[str, Any]:
    """The value if it is a table, or else an empty table."""
    return value if isinstance(value, dict) else {}


def as_text(value: Any) -> str:
    """The value if it is a text, or else an empty text."""
    return value if isinstance(value, str) else ""


def as_lines(value: Any) -> list[str]:
    """The texts in the value if it is a list, or else an empty list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
