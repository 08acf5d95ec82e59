"""Quantities of Kubernetes (`100m`, `1Gi`): parsed by the official client, summed and formatted canonically.

Source: apimachinery's `pkg/api/resource/quantity.go`.
"""

from decimal import Decimal

from kubernetes.utils.quantity import parse_quantity

_BINARY = {suffix: Decimal(1024) ** power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)}
_DECIMAL = {suffix: Decimal(1000) ** power for power, suffix in enumerate(("n", "u", "m", "", "k", "M", "G", "T"), -3)}


def parse(text: object) -> Decimal:
    """The number. Raises ValueError, in the API's words, for an invalid quantity."""
    try:
        return Decimal(parse_quantity(str(text)))  # type: ignore[no-untyped-call]
    except ValueError as error:
        message = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        raise ValueError(message) from error


def _format(number: Decimal, binary: bool) -> str:
    """The canonical form: the largest suffix that needs no fraction."""
    units = _BINARY if binary and number >= 1024 and number == int(number) else _DECIMAL
    for suffix, size in sorted(units.items(), key=lambda unit: -unit[1]):
        if number and number % size == 0:
            return f"{int(number / size)}{suffix}"
    return f"{number:f}"


def canonical(text: object) -> str:
    """The quantity in canonical form. An invalid quantity is returned unchanged, so that validation reports it."""
    try:
        return _format(parse(text), str(text).endswith("i"))
    except ValueError:
        return str(text)


def total(quantities: list[object]) -> str:
    """The sum: in binary form if any of the quantities is, otherwise in decimal form."""
    return _format(sum(map(parse, quantities), Decimal(0)), any(str(text).endswith("i") for text in quantities))
