"""Makes a failing document as small as it goes, while it still fails in the same way."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.fuzz import confined, failure, mutation
from tests.fuzz.failure import HANG, MEMORY, Failure
from tests.fuzz.parser import Document, Parser
from tests.fuzz.world import Runner

PATIENCE = 10.0
"""Seconds for one document."""


def shrink(parser: Parser, document: Document, fault: Failure) -> Document:
    """The smallest document within PATIENCE. A hang or much memory needs a child for each try."""
    if fault in (HANG, MEMORY):
        return smallest(document, lambda each: confined.outcome(parser, each) == fault)

    def run(runner: Runner) -> Failure:
        small = smallest(document, lambda each: _fails(runner, each, fault))
        return Failure("shrunk", json.dumps(small))

    result = confined.in_child(parser, run)
    return json.loads(result.description) if result and result.signature == "shrunk" else document


def _fails(runner: Runner, document: Document, fault: Failure) -> bool:
    try:
        runner.run(document)
    except Exception as error:
        return failure.of(error).signature == fault.signature
    return False


def smallest(document: Document, fails: Callable[[Document], bool], patience: float = PATIENCE) -> Document:
    """Takes the first smaller document that fails, again and again."""
    until = time.monotonic() + patience
    better: Document | None = document
    while better is not None:
        document, better = better, None
        for candidate in smaller(document):
            if time.monotonic() > until:
                return document
            if fails(candidate):
                better = candidate
                break
    return document


def smaller(document: Document) -> Iterator[Document]:
    """The document with one thing less, large things first."""
    places = sorted(mutation.paths(document), key=lambda path: (len(path), -len(str(mutation.at(document, path)))))
    for path in places:
        for value in _smaller_values(mutation.at(document, path)):
            copy = json.loads(mutation.dumps(document))
            yield mutation.put(copy, path, value)


def _smaller_values(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from ({key: item for key, item in value.items() if key != name} for name in value)
    elif isinstance(value, list):
        yield from (value[:index] + value[index + 1 :] for index in range(len(value)))
    elif isinstance(value, str):
        yield from _shorter(value)
    elif isinstance(value, int | float) and value not in (0, 1):
        yield 0


def _shorter(text: str) -> Iterator[str]:
    size = len(text)
    while size:
        yield from (text[:start] + text[start + size :] for start in range(0, len(text), size))
        size //= 2
