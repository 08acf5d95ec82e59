"""What the fuzzer knows about one parser of foreign input."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Document = Any
"""One input: a JSON value. Its texts may hold anything that JSON can carry, NUL and half surrogate pairs included."""


@dataclass(frozen=True)
class Parser:
    """One parser, or a group that reads the same input.

    `run` gives a document to the code and checks every promise about the result. It returns for whatever the code documents,
    a refusal included; an exception that leaves it is a fault. `samples` are good documents: the search starts from them.
    """

    name: str
    samples: Callable[[], list[Document]]
    run: Callable[[Document], None]
    words: tuple[str, ...] = ()
    """Texts that mean something to this parser; mutations insert them."""
    database: bool = False
    """Whether it needs the database. What a document stored is rolled back."""
    prepare: Callable[[], None] = field(default=lambda: None)
    """Called once in each process before the first document, after `samples`."""
