"""Sections of steps that only one worker at a time executes.

A section is a queue of its own, as a provider has one: the first few wait in place, the others give their worker back, keep
their place and are called.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from integrations import http, turns
from integrations.errors import Queued
from integrations.http import Waiter

PREFIX = "section:"
"""Of the names of these queues; pages and metrics show the queues of providers."""


@contextmanager
def section(key: str, name: str, waiter: Waiter) -> Iterator[None]:
    """Nobody else is in the section of this key within the block. It lasts as long as one exchange may: all exchanges of the
    block end before another worker can take over from one that hangs.

    `name` is how messages call it. Raises Queued where others are ahead.
    """
    try:
        turn = turns.take(f"{PREFIX}{key}", waiter, 0.0, None, _never_ends)
    except Queued as error:
        raise Queued(name, "other runs are ahead of this one", retry_after=error.retry_after or 0.0) from error
    try:
        with http.deadline(turn.deadline):
            yield
    finally:
        turns.leave(turn)


def _never_ends() -> None:
    """A provider's queue ends when the provider is paused; nothing pauses a section."""
