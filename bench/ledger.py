"""What the pieces of a run cost: wall time less the time spent in exchanges, statements, and the calls themselves."""

import cProfile
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection

from integrations import http
from integrations.http import Call

_NAMED = (
    (r"^https?://[^/]+", ""),
    (r"^mailto:.*", "mail"),
    (r"/repos/[^/?]+/[^/?]+", "/repos/*"),
    (r"[0-9a-f]{40}", "{sha}"),
    (r"(/branches|/git/ref/heads|/collaborators)/[^?]+?(?=/permission|\?|$)", r"\1/*"),
    (r"/(pulls|runs|jobs)/\d+", r"/\1/#"),
    (r"/namespaces/[^/?]+", "/namespaces/*"),
    (r"(/namespaces/\*/[a-z]+)/[^/?]+", r"\1/*"),
    (r"\?(?!dryRun).*?(dryRun=All)?.*$", r"?\1"),
    (r"\?$", ""),
)


def route(call: Call) -> str:
    """The call's method and path with everything that differs from run to run taken out."""
    path = call.url
    for pattern, words in _NAMED:
        path = re.sub(pattern, words, path)
    return f"{call.method} {path}"


@dataclass
class Piece:
    """A part of the run: planning, one turn of a step, one webhook."""

    name: str
    waited: bool = False
    before_merge: bool = True
    wall: float = 0.0
    processor: float = 0.0
    database: float = 0.0
    """Seconds in which the thread waited for PostgreSQL, commits included."""
    said: list[str] = field(default_factory=list)
    """The statements in their order, without their values."""
    calls: list[Call] = field(default_factory=list)

    @property
    def statements(self) -> int:
        return len(self.said)

    @property
    def busy(self) -> float:
        """Seconds of the processor, without our side of the exchanges."""
        return self.processor - sum(call.processor for call in self.calls)

    @property
    def own(self) -> float:
        """What the piece costs of ourselves: the processor and the database."""
        return self.busy + self.database

    @property
    def queued(self) -> float:
        """Seconds in which the thread could have gone on, but the processor (or Python's lock) was another's."""
        return self.wall - sum(call.seconds for call in self.calls) - self.own


_measured: ContextVar[Piece | None] = ContextVar("measured", default=None)
_wait = psycopg.Connection.wait


def _timed_wait(connection: Any, *arguments: Any, **options: Any) -> Any:
    """psycopg goes through here whenever it waits for the server."""
    wall, processor = time.perf_counter(), time.thread_time()
    try:
        return _wait(connection, *arguments, **options)
    finally:
        piece = _measured.get()
        if piece is not None:
            piece.database += (time.perf_counter() - wall) - (time.thread_time() - processor)


@contextmanager
def _waits(piece: Piece) -> Iterator[None]:
    psycopg.Connection.wait = _timed_wait  # type: ignore[method-assign, assignment]
    token = _measured.set(piece)
    try:
        yield
    finally:
        _measured.reset(token)


class Ledger:
    """All pieces in the order in which they ended. Pieces may be measured in several threads, a profile in one alone."""

    def __init__(self, profile: cProfile.Profile | None = None) -> None:
        self.pieces: list[Piece] = []
        self.profile = profile
        self.merged = False
        self._lock = threading.Lock()

    @contextmanager
    def piece(self, name: str) -> Iterator[Piece]:
        """Everything that this thread does within the block."""
        made = Piece(name, before_merge=not self.merged)

        def count(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
            made.said.append(sql)
            return execute(sql, *arguments)

        wall, processor = time.perf_counter(), time.thread_time()
        with (
            http.recording() as made.calls,
            connection.execute_wrapper(count),
            _waits(made),
            self.profile or nullcontext(),
        ):
            yield made
        made.wall, made.processor = time.perf_counter() - wall, time.thread_time() - processor
        with self._lock:
            self.pieces.append(made)

    def calls(self, *, waited: bool | None = None, before_merge: bool | None = None) -> list[tuple[str, Call]]:
        """(name of the piece, call) of all pieces of this sort."""
        return [
            (piece.name, call)
            for piece in self.pieces
            if waited in (None, piece.waited) and before_merge in (None, piece.before_merge)
            for call in piece.calls
        ]


def asked_twice(calls: Iterable[tuple[str, Call]]) -> dict[str, list[str]]:
    """Question → the pieces that asked it, where more than once. A call that changes something is no question, and what is
    asked at its address afterwards is another one: what became of it."""
    asked: dict[str, list[str]] = {}
    for piece, call in calls:
        if call.method in ("PUT", "PATCH", "DELETE"):
            asked.pop(f"GET {call.url.partition('?')[0]}", None)
        if call.method in ("GET", "HEAD") or "dryRun=All" in call.url:
            asked.setdefault(f"{call.method} {call.url}", []).append(piece)
    return {question: pieces for question, pieces in asked.items() if len(pieces) > 1}


def by_route(calls: Iterable[tuple[str, Call]]) -> dict[str, Counter[str]]:
    """Provider → route → how often."""
    found: dict[str, Counter[str]] = {}
    for _, call in calls:
        found.setdefault(call.provider, Counter())[route(call)] += 1
    return found
