"""The values of GitHub's expressions: how they become text and numbers, how they compare, and the functions on them."""

import json
import math
import re
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


def _less(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() < right.casefold()
    return as_number(left) < as_number(right)


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _less,
    ">": lambda left, right: _less(right, left),
    "<=": lambda left, right: _less(left, right) or _equal(left, right),
    ">=": lambda left, right: _less(right, left) or _equal(left, right),
}


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(_equal(item, what) for item in where)
    return as_string(what).casefold() in as_string(where).casefold()


def _format(pattern: Any, *values: Any) -> str:
    def filled(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        if int(match[1]) >= len(values):
            raise ValueError(f"{pattern} references more arguments than were supplied")
        return as_string(values[int(match[1])])

    return re.sub(r"\{\{|\}\}|\{(\d+)\}", filled, as_string(pattern))


PURE: dict[str, Callable[..., Any]] = {
    "contains": _contains,
    "startswith": lambda text, start: as_string(text).casefold().startswith(as_string(start).casefold()),
    "endswith": lambda text, end: as_string(text).casefold().endswith(as_string(end).casefold()),
    "format": _format,
    "join": lambda items, by=",": (
        as_string(by).join(map(as_string, items)) if isinstance(items, list) else as_string(items)
    ),
    "tojson": lambda value: json.dumps(value, indent=2),
    "fromjson": lambda text: json.loads(as_string(text)),
}


def element(value: Any, key: Any) -> Any:
    """The item of a list, or what a mapping has below a key in any case; None where there is none such."""
    if isinstance(value, list):
        number = as_number(key)
        return value[int(number)] if number == number and 0 <= number < len(value) else None
    if not isinstance(value, Mapping):
        return None
    name = as_string(key)
    if name in value:
        return value[name]
    return next((item for own, item in value.items() if own.casefold() == name.casefold()), None)
