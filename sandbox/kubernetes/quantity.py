"""Quantities of Kubernetes (`100m`, `1Gi`): read by the official client, added and written canonically.

Source: apimachinery's `pkg/api/resource/quantity.go`.
"""

from decimal import Decimal

from kubernetes.utils.quantity import parse_quantity

_BINARY = {suffix: Decimal(1024) ** power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)}
_DECIMAL = {suffix: Decimal(1000) ** power for power, suffix in enumerate(("n", "u", "m", "", "k", "M", "G", "T"), -3)}


def parse(text: object) -> Decimal:
    """The number. Raises ValueError, in the API's words, for what is not a quantity."""
    try:
        return Decimal(parse_quantity(str(text)))  # type: ignore[no-untyped-call]
    except ValueError as error:
        said = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        raise ValueError(said) from error


def _write(number: Decimal, binary: bool) -> str:
    """The canonical form: the largest suffix that needs no fraction."""
    sizes = _BINARY if binary and number >= 1024 and number == int(number) else _DECIMAL
    for suffix, size in sorted(sizes.items(), key=lambda one: -one[1]):
        if number and number % size == 0:
            return f"{int(number / size)}{suffix}"
    return f"{number:f}"


def canonical(text: object) -> str:
    """The same quantity in canonical form; what is no quantity is handed back as it is, for validation to name."""
    try:
        return _write(parse(text), str(text).endswith("i"))
    except ValueError:
        return str(text)


def total(texts: list[object]) -> str:
    """The sum, written in the form of its first binary part or as a decimal."""
    return _write(sum(map(parse, texts), Decimal(0)), any(str(one).endswith("i") for one in texts))
