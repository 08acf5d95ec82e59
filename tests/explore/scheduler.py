"""Lets one thread proceed at a time, and tells a thread that waits for a lock from one that is busy."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from django.db import connection

from tests.explore.actors import Actor, Job, Status

PATIENCE = 0.004
"""Seconds after which a thread may be waiting for a lock. It decides nothing: PostgreSQL's table of locks does."""
STUCK = 120.0
"""Seconds after which the explorer itself must be broken."""
_WAITS = "SELECT pid, pg_blocking_pids(pid) FROM unnest(%s::int[]) AS pid"
_ALIVE = "SELECT cardinality(pg_blocking_pids(pid)) > 0 FROM pg_stat_activity WHERE pid = %s"


@dataclass(frozen=True)
class Wait:
    actor: str
    job: str
    statement: str

    def __str__(self) -> str:
        return f"{self.actor} ({self.job}, {self.statement})"


class Scheduler:
    def __init__(self, names: Iterable[str]) -> None:
        self.reports: SimpleQueue[tuple[Actor, Status]] = SimpleQueue()
        self.actors = {name: Actor(name, self.reports) for name in names}
        self.deadlocks: list[list[Wait]] = []
        """Cycles of waits since the last `reset`; the last wait closed the cycle."""
        for actor in self.actors.values():
            actor.start()

    def reset(self) -> None:
        """A new schedule begins: ids of processes that have ended are used again, so those of earlier ones are forgotten."""
        self.deadlocks.clear()
        for actor in self.actors.values():
            actor.pids.clear()

    def dismiss(self) -> None:
        for actor in self.actors.values():
            actor.dismiss()

    def having(self, status: Status) -> list[Actor]:
        return [actor for actor in self.actors.values() if actor.status == status]

    def start(self, actor: Actor, name: str, job: Job) -> None:
        actor.give(name, job)
        self._settle()

    def proceed(self, actor: Actor, order: str) -> None:
        """Returns once it has stopped again, ended its job, or waits for a lock."""
        actor.proceed(order)
        self._settle()

    def cut(self, actor: Actor) -> None:
        """The server ends its connection; it notices with its next statement."""
        _query("SELECT pg_terminate_backend(%s)", [actor.pid])
        actor.lost_pids.append(actor.pid)
        self._await_lost_connections()
        self._settle()

    def _settle(self) -> None:
        """Wait until every thread has stopped, is idle, or waits for a lock that a stopped thread has."""
        self._find_freed()
        deadline = time.monotonic() + STUCK
        while running := self.having(Status.RUNNING):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{[actor.name for actor in running]} neither stop nor wait for a lock")
            try:
                actor, status = self.reports.get(timeout=PATIENCE)
                actor.status = status
            except Empty:
                self._find_blocked(running)
            self._await_lost_connections()
            if not self.having(Status.RUNNING):
                self._find_freed()

    def _find_blocked(self, running: list[Actor]) -> None:
        waits = _waits(running)
        for actor in running:
            if waits.get(actor.pid) and actor.status == Status.RUNNING:
                actor.status = Status.BLOCKED
                self._break_cycle(actor)

    def _find_freed(self) -> None:
        """Locks are released before the answer to a COMMIT, so a thread that still waits now waits for somebody else."""
        blocked = self.having(Status.BLOCKED)
        waits = _waits(blocked)
        for actor in blocked:
            if not waits.get(actor.pid) and actor.status == Status.BLOCKED:
                actor.status = Status.RUNNING

    def _break_cycle(self, actor: Actor) -> None:
        """Where its wait closes a cycle, cancel its statement: it gets an OperationalError as from PostgreSQL's own check."""
        by_pid = {other.pid: other for other in self.having(Status.BLOCKED)}
        waits = _waits(by_pid.values())
        cycle, reached = [actor], {actor.pid}
        while cycle[-1] is not actor or len(cycle) == 1:
            following = [pid for pid in waits.get(cycle[-1].pid, []) if pid in by_pid]
            fresh = [pid for pid in following if pid not in reached]
            if actor.pid in following:
                break
            if not fresh:
                return
            cycle.append(by_pid[fresh[0]])
            reached.add(fresh[0])
        self.deadlocks.append([Wait(other.name, other.job_name, other.point.name) for other in [*cycle[1:], actor]])
        actor.status = Status.RUNNING
        _query("SELECT pg_cancel_backend(%s)", [actor.pid])

    def _await_lost_connections(self) -> None:
        """What they had locked or not committed is gone only now. PostgreSQL notices the end of one that waits for a lock only
        when it gets it: as for a real process that was killed, its statement goes on until then."""
        for actor in self.actors.values():
            actor.lost_pids[:] = [pid for pid in actor.lost_pids if self._goes_on(pid)]

    def _goes_on(self, pid: int) -> bool:
        """False once it has ended, True where it waits for a lock."""
        while alive := _query(_ALIVE, [pid]):
            if alive[0][0]:
                return True
        return False


def _waits(actors: Iterable[Actor]) -> dict[int, list[int]]:
    """Process id of its connection → those that it waits for."""
    pids = [actor.pid for actor in actors if actor.pid]
    return {pid: blocking for pid, blocking in _query(_WAITS, [pids])} if pids else {}  # noqa: C416 - rows are no pairs


def _query(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
