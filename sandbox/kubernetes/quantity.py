"""Quantities of Kubernetes (`100m`, `1Gi`): read, added and written canonically.

Source: apimachinery's `pkg/api/resource/quantity.go`.
"""

import re
from decimal import Decimal

_BINARY = {"Ki": 1024, "Mi": 1024**2, "Gi": 1024**3, "Ti": 1024**4, "Pi": 1024**5, "Ei": 1024**6}
_DECIMAL = {
    "n": "1e-9",
    "u": "1e-6",
    "m": "1e-3",
    "": "1",
    "k": "1e3",
    "M": "1e6",
    "G": "1e9",
    "T": "1e12",
    "P": "1e15",
    "E": "1e18",
}
_FORM = re.compile(r"^([+-]?\d+\.?\d*|[+-]?\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$")


def parse(text: object) -> Decimal:
    """The number. Raises ValueError, in the API's words, for what is not a quantity."""
    found = _FORM.match(str(text))
    if not found:
        raise ValueError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    number, suffix = Decimal(found[1]), found[2] or ""
    if suffix in _BINARY:
        return number * _BINARY[suffix]
    return number * Decimal(_DECIMAL.get(suffix) or f"1{suffix}")


def is_binary(text: object) -> bool:
    return str(text).endswith("i")


def write(number: Decimal, binary: bool) -> str:
    """The canonical form: the largest suffix that needs no fraction."""
    if number == 0:
        return "0"
    if binary and number == int(number) and number >= 1024:
        return _largest(number, {suffix: Decimal(size) for suffix, size in _BINARY.items()})
    return _largest(number, {suffix: Decimal(size) for suffix, size in _DECIMAL.items()})


def _largest(number: Decimal, sizes: dict[str, Decimal]) -> str:
    for suffix, size in sorted(sizes.items(), key=lambda one: -one[1]):
        if number % size == 0:
            return f"{int(number / size)}{suffix}"
    return str(int(number)) if number == int(number) else f"{number:f}"


def canonical(text: object) -> str:
    """The same quantity in canonical form; what is no quantity is handed back as it is, for validation to name."""
    try:
        return write(parse(text), is_binary(text))
    except ValueError:
        return str(text)


def total(texts: list[object]) -> str:
    """The sum, written in the form of its first binary part or as a decimal."""
    return write(sum((parse(one) for one in texts), Decimal(0)), any(is_binary(one) for one in texts))
