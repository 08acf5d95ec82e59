"""What each part of a run costs: wall time outside exchanges, statements, and the calls themselves."""

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

_PLACEHOLDERS = (
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
    """The call's method and path, with a placeholder for everything that differs between runs."""
    path = call.url
    for pattern, replacement in _PLACEHOLDERS:
        path = re.sub(pattern, replacement, path)
    return f"{call.method} {path}"


@dataclass
class Part:
    """A part of the run: planning, one execution of a step, one webhook."""

    name: str
    waited: bool = False
    before_merge: bool = True
    wall: float = 0.0
    cpu: float = 0.0
    database: float = 0.0
    """Seconds for which the thread waited for PostgreSQL, commits included."""
    statements: list[str] = field(default_factory=list)
    """In their order, without their values."""
    calls: list[Call] = field(default_factory=list)

    @property
    def busy(self) -> float:
        """CPU seconds, without our side of the exchanges."""
        return self.cpu - sum(call.processor for call in self.calls)

    @property
    def own_time(self) -> float:
        """Our own time: CPU and database."""
        return self.busy + self.database

    @property
    def queued(self) -> float:
        """Seconds for which the thread could have run, but another one had the CPU (or Python's lock)."""
        return self.wall - sum(call.seconds for call in self.calls) - self.own_time


_measured: ContextVar[Part | None] = ContextVar("measured", default=None)
_wait = psycopg.Connection.wait


def _timed_wait(connection: Any, *arguments: Any, **options: Any) -> Any:
    """psycopg calls this whenever it waits for the server."""
    wall, cpu = time.perf_counter(), time.thread_time()
    try:
        return _wait(connection, *arguments, **options)
    finally:
        part = _measured.get()
        if part is not None:
            part.database += (time.perf_counter() - wall) - (time.thread_time() - cpu)


@contextmanager
def _timing_waits(part: Part) -> Iterator[None]:
    psycopg.Connection.wait = _timed_wait  # type: ignore[method-assign, assignment]
    token = _measured.set(part)
    try:
        yield
    finally:
        _measured.reset(token)


class Ledger:
    """All parts in the order in which they ended. Several threads may measure parts, but only one may profile."""

    def __init__(self, profile: cProfile.Profile | None = None) -> None:
        self.parts: list[Part] = []
        self.profile = profile
        self.merged = False
        self._lock = threading.Lock()

    @contextmanager
    def part(self, name: str) -> Iterator[Part]:
        """Measure everything that this thread does within the block."""
        part = Part(name, before_merge=not self.merged)

        def count(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
            part.statements.append(sql)
            return execute(sql, *arguments)

        wall, cpu = time.perf_counter(), time.thread_time()
        with (
            http.recording() as part.calls,
            connection.execute_wrapper(count),
            _timing_waits(part),
            self.profile or nullcontext(),
        ):
            yield part
        part.wall, part.cpu = time.perf_counter() - wall, time.thread_time() - cpu
        with self._lock:
            self.parts.append(part)

    def calls(self, *, waited: bool | None = None, before_merge: bool | None = None) -> list[tuple[str, Call]]:
        """(name of the part, call) of all parts that match."""
        return [
            (part.name, call)
            for part in self.parts
            if waited in (None, part.waited) and before_merge in (None, part.before_merge)
            for call in part.calls
        ]


def repeated_reads(calls: Iterable[tuple[str, Call]]) -> dict[str, list[str]]:
    """Request → the parts that sent it, where it was sent more than once.

    Only reads count. A read after a change at the same address is a new one: it reads the result of the change.
    """
    reads: dict[str, list[str]] = {}
    for part, call in calls:
        if call.method in ("PUT", "PATCH", "DELETE"):
            reads.pop(f"GET {call.url.partition('?')[0]}", None)
        if call.method in ("GET", "HEAD") or "dryRun=All" in call.url:
            reads.setdefault(f"{call.method} {call.url}", []).append(part)
    return {request: parts for request, parts in reads.items() if len(parts) > 1}


def by_route(calls: Iterable[tuple[str, Call]]) -> dict[str, Counter[str]]:
    """Provider → route → count."""
    routes: dict[str, Counter[str]] = {}
    for _, call in calls:
        routes.setdefault(call.provider, Counter())[route(call)] += 1
    return routes
