"""Promises that hold for every result, whatever it was parsed from."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL refuses NUL in text and in JSON, and UTF-8 has no form of half a surrogate pair."""


def texts(value: Any) -> Iterator[str]:
    """Every text within a value of ours."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        yield from texts(value.model_dump())
    elif dataclasses.is_dataclass(value):
        yield from (text for each in dataclasses.fields(value) for text in texts(getattr(value, each.name)))
    elif isinstance(value, Mapping):
        yield from (text for pair in value.items() for each in pair for text in texts(each))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (text for each in value for text in texts(each))


def storable(value: Any) -> None:
    """Fails where the database would refuse a text."""
    for text in texts(value):
        assert not UNSTORABLE.search(text), f"the database cannot store {text[:80]!r}"


def short(value: Any, limit: int) -> None:
    """Fails where the texts have more characters in all."""
    total = sum(map(len, texts(value)))
    assert total <= limit, f"the result has {total:,} characters"


def sentence(error: BaseException, limit: int = 20_000) -> None:
    """A refusal is a text for people, and stored."""
    assert str(error).strip(), f"{type(error).__name__} says nothing"
    short(str(error), limit)
