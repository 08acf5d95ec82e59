"""Threads that stop before everything that others could notice, until the scheduler lets them proceed.

Nothing in the product knows of them: Django's `execute_wrappers` stop them before a statement, and their connection's
own commit and rollback are wrapped.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from queue import SimpleQueue
from typing import Any

from django.db import OperationalError, connection

from engine.models import Step
from tests.explore.statement_names import statement_name

Job = Callable[[], object]
UNNOTICED = (
    "SAVEPOINT",
    "RELEASE SAVEPOINT",
    "ROLLBACK TO",
    "SELECT catalog_",
    "append an event",
    "UPDATE virtual.passed",
)
"""How the names of statements begin that read or write nothing which another thread writes or reads."""


class Killed(BaseException):
    """Ends the thread's job as kill -9 ends a process: its connection is gone already, so unwinding changes nothing."""


@dataclass(frozen=True)
class Point:
    """Where a thread stops. `answers` are what the scheduler can let happen there; the first is the friendly one."""

    name: str
    answers: tuple[str, ...] = ("",)


class Status(StrEnum):
    IDLE = "idle"
    READY = "ready"
    """It has stopped at its point."""
    RUNNING = "running"
    BLOCKED = "blocked"
    """Its statement waits for a lock."""


class Actor(threading.Thread):
    """Executes one job after the other. `reports` receives the actor and its status whenever it stops at a point or has ended
    its job. The scheduler sets `status`; all else changes while the thread has its turn."""

    def __init__(self, name: str, reports: "SimpleQueue[tuple[Actor, Status]]") -> None:
        super().__init__(name=name, daemon=True)
        self.status = Status.IDLE
        self.point = Point("start")
        self.job_name = ""
        self.stopped = False
        """As by SIGSTOP: it is not chosen, and its heartbeat renews nothing."""
        self.held: Step | None = None
        """The step whose code it executes."""
        self.pid = 0
        self.pids: set[int] = set()
        """Of all the connections that it ever had."""
        self.lost_pids: list[int] = []
        """Connections that it has lost, and whose end nobody has waited for yet."""
        self.in_transaction = False
        self.error: BaseException | None = None
        self._reports = reports
        self._resume = threading.Semaphore(0)
        self._job: Job | None = None
        self._order = ""
        self._is_dying = False
        self._pipeline: object = None
        self.called = False
        """Whether it comes from a call to the outside, where real processes spend their time."""

    def give(self, name: str, job: Job) -> None:
        """Its next job; it stops at the job's first point."""
        self.job_name, self._job = name, job
        self.status, self.error, self.stopped = Status.RUNNING, None, False
        self._resume.release()

    def proceed(self, order: str) -> None:
        """`order` is one of the point's answers, “kill”, or “lose the answer”."""
        self.status, self._order = Status.RUNNING, order
        self._resume.release()

    def dismiss(self) -> None:
        """Ends the thread."""
        self._job = None
        self._resume.release()
        self.join()

    def run(self) -> None:
        connection.execute_wrappers.append(self._statement)
        for name in ("_commit", "_rollback"):
            setattr(connection, name, self._stopping_before(name.strip("_").upper(), getattr(connection, name)))
        while True:
            self._resume.acquire()
            if self._job is None:
                connection.close()
                return
            self._work(self._job)
            self._reports.put((self, Status.IDLE))

    def _work(self, job: Job) -> None:
        try:
            job()
        except Killed:
            pass
        except BaseException as error:
            self.error = None if self._is_dying else error  # unwinding meets the lost connection
        if self._is_dying or self.error is not None:
            self._is_dying = True  # closing a connection in a transaction rolls it back: no point for that
            self.lose_connection()
            connection.close()
        self._is_dying, self.held, self.in_transaction = False, None, False

    def reach(self, point: Point) -> str:
        """Stop here; returns the answer once the scheduler lets it proceed. Raises Killed."""
        if self._is_dying:
            return point.answers[0]
        self.called = len(self.point.answers) > 1
        self.point = point
        self._reports.put((self, Status.READY))
        self._resume.acquire()
        if self._order == "kill":
            self._is_dying = True
            self.lose_connection()
            raise Killed
        return self._order

    def lose_connection(self) -> None:
        """The server notices, and rolls back what was not committed."""
        if connection.connection is not None:
            connection.connection.close()
        if self.pid:
            self.lost_pids.append(self.pid)
        self.pid = 0

    def _statement(self, execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: Any) -> Any:
        self._notice_connection()
        name = statement_name(sql)
        if name.startswith(UNNOTICED) or self._is_sent_with_another():
            return execute(sql, parameters, many, context)
        return self._stopping_before(name, execute)(sql, parameters, many, context)

    def _is_sent_with_another(self) -> bool:
        """Statements of one pipeline go in one round trip: nobody can come between them, so it stops before the first."""
        before, self._pipeline = self._pipeline, getattr(connection.connection, "_pipeline", None)
        return self._pipeline is not None and self._pipeline is before

    def _notice_connection(self) -> None:
        if connection.connection is not None and not connection.connection.closed:
            self.pid = connection.connection.info.backend_pid
            self.pids.add(self.pid)
        self.in_transaction = connection.in_atomic_block

    def _stopping_before(self, name: str, execute: Callable[..., Any]) -> Callable[..., Any]:
        def stopping(*arguments: Any) -> Any:
            order = self.reach(Point(name))
            result = execute(*arguments)
            if order == "lose the answer":
                self.lose_connection()
                raise OperationalError("the connection was lost before the answer came")
            return result

        return stopping


def reach(point: Point) -> str:
    """Stop the current thread at this point, if it is an actor; anybody else gets the friendly answer."""
    thread = threading.current_thread()
    return thread.reach(point) if isinstance(thread, Actor) else point.answers[0]
