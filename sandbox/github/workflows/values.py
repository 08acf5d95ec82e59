"""The values of GitHub's expressions: their conversion, comparison and functions."""

import math
from collections.abc import Callable, Mapping
from typing import Any


def truthy(value: Any) -> bool:
    return not (value is None or value is False or value == "" or value == 0 or value != value)


def as_string(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dict | list):
        return "Object" if isinstance(value, dict) else "Array"
    return str(value)


def as_number(value: Any) -> float:
    if value is None or value == "":
        return 0.0
    if isinstance(value, bool | int | float):
        return float(value)
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() == right.casefold()
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        return left is right
    if type(left) is type(right):
        return bool(left == right)
    return as_number(left) == as_number(right)


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
}


PURE_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "contains": lambda text, part: as_string(part).casefold() in as_string(text).casefold(),
    "startswith": lambda text, start: as_string(text).casefold().startswith(as_string(start).casefold()),
    "endswith": lambda text, end: as_string(text).casefold().endswith(as_string(end).casefold()),
}


def element(value: Any, key: Any) -> Any:
    """The value of a key in a mapping, ignoring case; None if there is none."""
    mapping = value if isinstance(value, Mapping) else {}
    name = as_string(key).casefold()
    return next((item for candidate, item in mapping.items() if candidate.casefold() == name), None)
