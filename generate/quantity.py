"""Kubernetes quantities. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/"""

from decimal import Decimal

import patterns

_PATTERN = patterns.compile(
    r"(?P<number>[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40}))(?P<suffix>[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d{1,3})?"
)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}

LARGEST = 2**63 - 1
"""No quantity may have a greater magnitude."""


class NotAQuantity(ValueError):
    """The text is not a quantity; the message quotes it."""


def parse(text: str) -> Decimal:
    """The exact amount: cores, bytes or a count. Raises NotAQuantity."""
    match = _PATTERN.fullmatch(str(text).strip())
    if match is None:
        raise NotAQuantity(f"{str(text)[:60]!r} is not a quantity")
    amount = _amount(match)
    if abs(amount) > LARGEST:
        raise NotAQuantity(f"{str(text)[:60]!r} is larger than any quantity: at most {LARGEST}")
    return amount


def _amount(match: patterns.Match) -> Decimal:
    number, suffix = Decimal(match["number"]), match["suffix"] or ""
    if suffix in _BINARY:
        return number * Decimal(1024 ** _BINARY[suffix])
    if suffix in _DECIMAL:
        return number.scaleb(_DECIMAL[suffix])
    return number.scaleb(int(suffix[1:]))


def show(resource: str, amount: Decimal) -> str:
    """The amount as the API writes it: whole cores or thousandths of a core, whole Mi or bytes."""
    if resource.endswith("memory"):
        mebibytes = amount / 1024**2
        return f"{mebibytes:.0f}Mi" if mebibytes == mebibytes.to_integral_value() else f"{amount:.0f}"
    if amount == amount.to_integral_value():
        return f"{amount:.0f}"
    return f"{amount * 1000:.0f}m"
