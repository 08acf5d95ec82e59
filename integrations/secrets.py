"""Secrets that print as `***`, and their removal by value from whatever leaves us."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pydantic import SecretStr

MASK = "***"
_MINIMUM = 6  # shorter values would blank out ordinary words

_values: set[str] = set()


def remember(secret: SecretStr | str) -> None:
    """From now on `redact` removes this value wherever it stands."""
    value = secret if isinstance(secret, str) else secret.get_secret_value()
    if len(value) >= _MINIMUM:
        _values.add(value)


@contextmanager
def hidden(values: Iterable[str]) -> Iterator[None]:
    """Within this block, `redact` removes these values, too; afterwards nothing here knows them."""
    new = {value for value in values if len(value) >= _MINIMUM} - _values
    _values.update(new)
    try:
        yield
    finally:
        _values.difference_update(new)


def redact(text: str) -> str:
    """The text without any remembered secret."""
    for value in sorted(_values.copy(), key=len, reverse=True):
        if value in text:
            text = text.replace(value, MASK)
    return text
