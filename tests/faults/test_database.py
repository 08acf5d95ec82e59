"""PostgreSQL goes away under the engine: restarted without a word, connections cut, answers lost, deadlocks."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from integrations import http
from onboarding.engine import effects, hold, points, waking, work
from onboarding.engine.points import Point
from onboarding.models import Run, Step, StepState
from tests.faults import shelf
from tests.faults.own_database import OwnDatabase
from tests.faults.proxy import Fault, FaultProxy, standing_before
from tests.faults.shelf import Shelf
from tests.faults.workers import forget_connections, until, working


@pytest.fixture
def outside() -> Iterator[Shelf]:
    with shelf.standing() as made:
        yield made


def cut(database: OwnDatabase) -> None:
    with psycopg.connect(database.url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'onramp' AND pid <> pg_backend_pid()"
        )


def restart(database: OwnDatabase) -> None:
    database.restart_immediately()


@pytest.mark.parametrize(
    "strike",
    [
        pytest.param(restart, marks=pytest.mark.fault(6, "restart -m immediate")),
        pytest.param(cut, marks=pytest.mark.fault(6, "all connections cut")),
    ],
)
def test_runs_outlive_it(
    database: OwnDatabase, outside: Shelf, monkeypatch: pytest.MonkeyPatch, strike: Callable[[OwnDatabase], None]
) -> None:
    """Struck three times while three workers carry forty runs."""
    monkeypatch.setattr(hold, "LEASE", timedelta(seconds=2))
    monkeypatch.setattr(http, "TIMEOUT", 1.6)
    monkeypatch.setattr(effects, "SETTLE", timedelta(seconds=1.8))
    runs = [shelf.begin() for _ in range(40)]
    forget_connections()
    with working(3) as workers:
        workers.tend()
        for _ in range(3):
            time.sleep(0.3)
            strike(database)
        connection.close()
        until(lambda: shelf.all_done(runs), "all runs to end")
        workers.tend()
    assert workers.deaths == 0
    shelf.once_each(outside, runs)


@pytest.fixture
def through(database: OwnDatabase) -> Iterator[FaultProxy]:
    with standing_before(database.socket) as proxy:
        database.use(HOST="127.0.0.1", PORT=str(proxy.port))
        yield proxy
        database.use()


@pytest.mark.fault(6, "a commit that succeeded while the client saw an error")
@pytest.mark.parametrize("point", [None, Point.CLAIMED, Point.INTENDED, Point.CALLED, Point.SETTLING])
def test_a_commit_whose_answer_was_lost(through: FaultProxy, outside: Shelf, point: Point | None) -> None:
    """The first thing that is written after each point (None: the claim itself) is committed, and nobody is told."""
    run = shelf.begin()
    step = run.steps.get(name="put").pk

    def strike(at: Point, _: Step) -> None:
        if at is point:
            points._listeners.clear()
            through.arm(Fault.SWALLOW, times=1)

    points.on_reached(strike)
    try:
        if point is None:
            through.arm(Fault.SWALLOW, times=1)
        work.carry(step)
    finally:
        points._listeners.clear()
    assert through.fault is Fault.NONE, "it was struck"
    connection.close()  # as Celery does after each task
    for _ in range(3):
        for one in run.steps.values_list("pk", flat=True):
            shelf.lease_ends(one)
        for _, due in waking.overdue():
            work.carry(due)
    shelf.once_each(outside, [run])


def step_of(run: Run) -> Step:
    return run.steps.get(name="put")


@pytest.mark.fault(6, "deadlock")
def test_the_victim_of_a_deadlock_tries_again(database: OwnDatabase, outside: Shelf) -> None:
    """Somebody holds the step's row and then wants the run's; the engine holds the run's and wants the step's, for longer."""
    run = shelf.begin()
    ours = threading.Event()
    with psycopg.connect(database.url) as other:

        def stand_in_the_way() -> None:
            ours.wait(10)
            until(lambda: waits_for_a_lock(database), "the engine to wait")
            other.execute("SELECT FROM onboarding_run WHERE id = %s FOR UPDATE", [run.pk])
            other.rollback()

        def lock_the_step(at: Point, step: Step) -> None:
            if at is Point.SETTLING and not ours.is_set():
                other.execute("SELECT FROM onboarding_step WHERE id = %s FOR UPDATE", [step.pk])
                ours.set()

        thread = threading.Thread(target=stand_in_the_way)
        thread.start()
        points.on_reached(lock_the_step)
        try:
            work.carry(step_of(run).pk)
        finally:
            points._listeners.clear()
            thread.join()
    tried_again(run)
    shelf.once_each(outside, [run])


def waits_for_a_lock(database: OwnDatabase) -> bool:
    with psycopg.connect(database.url) as other:
        found = other.execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchall()
        return bool(found)


def tried_again(run: Run) -> None:
    """It was handed back at once: nobody takes it for a step whose worker died."""
    step = step_of(run)
    assert (step.state, step.losses, step.failures) == (StepState.WAITING, 0, 1), (step.state, step.reason)
    assert "database" in step.reason
    shelf.lease_ends(step.pk)
    work.carry(step.pk)


@pytest.mark.fault(6, "serialization failure")
def test_a_serialization_failure_is_tried_again(database: OwnDatabase, outside: Shelf) -> None:
    """The database's administrator wants every transaction serializable, and somebody changes the run meanwhile."""
    run = shelf.begin()
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_isolation = 'serializable'")
    ours = threading.Event()
    with psycopg.connect(database.url) as other:

        def change_the_run(at: Point, step: Step) -> None:
            if at is Point.SETTLING and not ours.is_set():
                other.execute("UPDATE onboarding_run SET version = version + 1 WHERE id = %s", [step.run_id])
                ours.set()

        def commit() -> None:
            ours.wait(10)
            until(lambda: waits_for_a_lock(database), "the engine to wait")
            other.commit()

        thread = threading.Thread(target=commit)
        thread.start()
        points.on_reached(change_the_run)
        try:
            work.carry(step_of(run).pk)
        finally:
            points._listeners.clear()
            thread.join()
    tried_again(run)
    shelf.once_each(outside, [run])
