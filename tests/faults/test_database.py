"""PostgreSQL fails under the engine: immediate restarts, cut connections, lost answers, deadlocks."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from engine import effects, execution, failpoints, lease, waking
from engine.failpoints import Failpoint
from engine.models import Run, Step, StepState
from integrations import http
from tests.faults import fake_provider
from tests.faults.dedicated_database import DedicatedDatabase
from tests.faults.fake_provider import FakeProvider
from tests.faults.proxy import Fault, FaultProxy, proxy_to
from tests.faults.workers import forget_connections, wait_until, worker_processes


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with fake_provider.serving() as provider:
        yield provider


def cut_connections(database: DedicatedDatabase) -> None:
    with psycopg.connect(database.url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE usename = 'onramp' AND pid <> pg_backend_pid()"
        )


def restart(database: DedicatedDatabase) -> None:
    database.restart_immediately()


@pytest.mark.parametrize(
    "strike",
    [
        pytest.param(restart, marks=pytest.mark.fault(6, "restart -m immediate")),
        pytest.param(cut_connections, marks=pytest.mark.fault(6, "all connections cut")),
    ],
)
def test_runs_survive_failures_of_the_database(
    database: DedicatedDatabase,
    provider: FakeProvider,
    monkeypatch: pytest.MonkeyPatch,
    strike: Callable[[DedicatedDatabase], None],
) -> None:
    """The database fails three times while three workers execute forty runs."""
    monkeypatch.setattr(lease, "LEASE", timedelta(seconds=2))
    monkeypatch.setattr(http, "TIMEOUT", 1.6)
    monkeypatch.setattr(effects, "VISIBLE_AFTER", timedelta(seconds=1.8))
    runs = [fake_provider.start_run() for _ in range(40)]
    forget_connections()
    with worker_processes(3) as workers:
        workers.replace_dead()
        for _ in range(3):
            time.sleep(0.3)
            strike(database)
        connection.close()
        wait_until(lambda: fake_provider.all_done(runs), "all runs to end")
        workers.replace_dead()
    assert workers.deaths == 0
    fake_provider.assert_each_done_once(provider, runs)


@pytest.fixture
def proxy(database: DedicatedDatabase) -> Iterator[FaultProxy]:
    """Between this process and the database."""
    with proxy_to(database.socket) as proxy:
        database.use(HOST="127.0.0.1", PORT=str(proxy.port))
        yield proxy
        database.use()


@pytest.mark.fault(6, "a commit that succeeded while the client saw an error")
@pytest.mark.parametrize("point", [None, Failpoint.CLAIMED, Failpoint.INTENDED, Failpoint.CALLED, Failpoint.COMPLETING])
def test_a_commit_whose_answer_was_lost_changes_nothing(
    proxy: FaultProxy, provider: FakeProvider, point: Failpoint | None
) -> None:
    """The first write after the failpoint (None: the claim itself) is committed, but its answer is lost."""
    run = fake_provider.start_run()
    create = run.steps.get(name="create").pk

    def strike(at: Failpoint, _: Step) -> None:
        if at is point:
            failpoints._listeners.clear()
            proxy.arm(Fault.SWALLOW, times=1)

    failpoints.subscribe(strike)
    try:
        if point is None:
            proxy.arm(Fault.SWALLOW, times=1)
        execution.drain(create)
    finally:
        failpoints._listeners.clear()
    assert proxy.fault is Fault.NONE, "the fault has struck"
    connection.close()  # as Celery does after each task
    for _ in range(3):
        for step_id in run.steps.values_list("pk", flat=True):
            fake_provider.pass_time(step_id)
        for _, step_id in waking.overdue():
            execution.drain(step_id)
    fake_provider.assert_each_done_once(provider, [run])


def step_of(run: Run) -> Step:
    return run.steps.get(name="create")


@pytest.mark.fault(6, "deadlock")
def test_the_victim_of_a_deadlock_is_retried(database: DedicatedDatabase, provider: FakeProvider) -> None:
    """Another session locks the step's row and then the run's; the engine locks them the other way round, and it has
    waited for longer when they deadlock."""
    run = fake_provider.start_run()
    step_is_locked = threading.Event()
    with psycopg.connect(database.url) as other:

        def lock_the_run() -> None:
            step_is_locked.wait(10)
            wait_until(lambda: a_session_waits_for_a_lock(database), "the engine to wait")
            other.execute("SELECT FROM engine_run WHERE id = %s FOR UPDATE", [run.pk])
            other.rollback()

        def lock_the_step(at: Failpoint, step: Step) -> None:
            if at is Failpoint.COMPLETING and not step_is_locked.is_set():
                other.execute("SELECT FROM engine_step WHERE id = %s FOR UPDATE", [step.pk])
                step_is_locked.set()

        thread = threading.Thread(target=lock_the_run)
        thread.start()
        failpoints.subscribe(lock_the_step)
        try:
            execution.drain(step_of(run).pk)
        finally:
            failpoints._listeners.clear()
            thread.join()
    retry_after_being_handed_back(run)
    fake_provider.assert_each_done_once(provider, [run])


def a_session_waits_for_a_lock(database: DedicatedDatabase) -> bool:
    with psycopg.connect(database.url) as other:
        waiting = other.execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchall()
        return bool(waiting)


def retry_after_being_handed_back(run: Run) -> None:
    """The worker handed the step back at once, so that it does not count as crashed."""
    step = step_of(run)
    assert (step.state, step.crashes, step.failures) == (StepState.WAITING, 0, 1), (step.state, step.reason)
    assert "database" in step.reason
    fake_provider.pass_time(step.pk)
    execution.drain(step.pk)


@pytest.mark.fault(6, "serialization failure")
def test_a_serialization_failure_is_retried(database: DedicatedDatabase, provider: FakeProvider) -> None:
    """The server makes every transaction serializable, and another session changes the run meanwhile."""
    run = fake_provider.start_run()
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_isolation = 'serializable'")
    run_is_changed = threading.Event()
    with psycopg.connect(database.url) as other:

        def change_the_run(at: Failpoint, step: Step) -> None:
            if at is Failpoint.COMPLETING and not run_is_changed.is_set():
                other.execute("UPDATE engine_run SET version = version + 1 WHERE id = %s", [step.run_id])
                run_is_changed.set()

        def commit() -> None:
            run_is_changed.wait(10)
            wait_until(lambda: a_session_waits_for_a_lock(database), "the engine to wait")
            other.commit()

        thread = threading.Thread(target=commit)
        thread.start()
        failpoints.subscribe(change_the_run)
        try:
            execution.drain(step_of(run).pk)
        finally:
            failpoints._listeners.clear()
            thread.join()
    retry_after_being_handed_back(run)
    fake_provider.assert_each_done_once(provider, [run])
