"""Secrets that print as `***`, and their removal by value from whatever leaves us."""

from pydantic import SecretStr

MASK = "***"
_MINIMUM = 6  # shorter values would blank out ordinary words

_values: set[str] = set()


def remember(secret: SecretStr | str) -> None:
    """From now on `redact` removes this value wherever it stands."""
    value = secret if isinstance(secret, str) else secret.get_secret_value()
    if len(value) >= _MINIMUM:
        _values.add(value)


def redact(text: str) -> str:
    """The text without any remembered secret."""
    for value in sorted(_values, key=len, reverse=True):
        if value in text:
            text = text.replace(value, MASK)
    return text
