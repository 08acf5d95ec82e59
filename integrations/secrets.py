"""Secrets print as `***`, and are removed by value from everything that leaves us."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pydantic import SecretStr

MASK = "***"
_MINIMUM = 6  # shorter values would blank out ordinary words

_values: set[str] = set()


def remember(secret: SecretStr | str) -> None:
    """From now on `redact` removes this value wherever it occurs."""
    value = secret if isinstance(secret, str) else secret.get_secret_value()
    if len(value) >= _MINIMUM:
        _values.add(value)


def remember_login(user: str, password: str) -> None:
    """Also removes what HTTP Basic sends, which a tool may repeat with the rest of a request. RFC 7617."""
    remember(password)
    remember(b64encode(f"{user}:{password}".encode()).decode())


@contextmanager
def hidden(values: Iterable[str]) -> Iterator[None]:
    """Within this block `redact` also removes these values; afterwards they are no longer held here."""
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
