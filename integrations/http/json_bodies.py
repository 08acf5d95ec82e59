"""JSON that does not harm its reader: bounded in depth, in the number of its values and in its numbers, and storable.

Small texts can grow by a factor of 30 when they are parsed, and nested ones end in a RecursionError wherever they are
visited. A client library that parses a checked body gets exactly what was checked here.
"""

import json
import math
from typing import Any

from database.storable import storable
from integrations.errors import Invalid

MAX_DEPTH = 64
LARGEST = 2**63
MAX_DIGITS = 400


class _Harmful(Exception):
    """The reason as a clause about the answer."""


def checked(provider: str, body: bytes, values: int) -> bytes:
    """The body as UTF-8; text that is not JSON is returned as it is.

    Characters that cannot be stored are replaced (`storable`). Raises Invalid for JSON that is too deep, has more than
    so many values, or has a number that is not finite or does not fit into 64 bits.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") > values:
        raise Invalid(provider, f"the answer has more than {values:,} values, the most that Onramp reads")
    text = body.decode(errors="replace")
    try:
        data = _parsed(text)
    except _Harmful as reason:
        raise Invalid(provider, f"the answer {reason}", detail=text[:500]) from reason
    except ValueError:
        return body
    return json.dumps(_storable(data)).encode() if "\\u" in text else body


def _parsed(text: str) -> Any:
    try:
        data = json.loads(text, parse_int=_integer, parse_float=_float, parse_constant=_constant)
    except RecursionError as error:
        raise _Harmful(f"is nested more than {MAX_DEPTH} levels deep") from error
    _check_depth(data)
    return data


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS or not -LARGEST <= int(digits) < LARGEST:
        raise _Harmful("has a number of more than 64 bits")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits) if len(digits) <= MAX_DIGITS else math.inf
    if not math.isfinite(number):
        raise _Harmful("has a number that is too large")
    return number


def _constant(name: str) -> float:
    raise _Harmful(f"has {name} in place of a number")


def _check_depth(data: Any) -> None:
    level = [data]
    for _ in range(MAX_DEPTH):
        containers = [value for value in level if isinstance(value, dict | list)]
        if not containers:
            return
        level = [item for value in containers for item in (value.values() if isinstance(value, dict) else value)]
    raise _Harmful(f"is nested more than {MAX_DEPTH} levels deep")


def _storable(data: Any) -> Any:
    if isinstance(data, str):
        return storable(data)
    if isinstance(data, dict):
        return {storable(name): _storable(value) for name, value in data.items()}
    return [_storable(value) for value in data] if isinstance(data, list) else data
