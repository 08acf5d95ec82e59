"""The sweep finds every step whose notification was lost, among any number of steps and beside unreadable ones."""

import logging

import pytest
from django.db import connection, transaction

from engine import registry, statements, sweeper, waking
from engine.models import Run, StepState
from tests.engine.conftest import KIND, Diamond, diamond
from tests.faults.workers import wait_until

__all__ = ["diamond"]
pytestmark = pytest.mark.usefixtures("committed")


def execute(sql: str, *values: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def create_runs(
    count: int, *, queue: str, state: str = "waiting", due: str = "1 hour", topic: str = "'source:acme/' || number"
) -> None:
    """Runs with one step each. `due` is an interval from now, and `topic` an expression; both are SQL."""
    execute(
        f"""
        WITH numbers AS (SELECT number, gen_random_uuid() AS run FROM generate_series(1, {count}) number), runs AS (
            INSERT INTO engine_run (id, kind, state, topic, version, trace)
            SELECT run, '{KIND}', 'active', {topic}, 0, '' FROM numbers
        )
        INSERT INTO engine_step (run_id, name, position, needs, queue, state, move, attempt, failures, crashes, epoch,
            due_at, woken, reason, detail, links, result)
        SELECT run, 'first', 0, '{{}}', %s, %s, 'machine', 1, 0, 0, 1,
            now() + interval '{due}' + number * interval '1 millisecond', false, '', '', '[]', '{{}}' FROM numbers
        """,
        queue,
        state,
    )


@pytest.mark.fault(7, "a row that the sweep cannot read")
def test_a_step_whose_notification_fails_does_not_stop_the_others(
    diamond: Diamond, caplog: pytest.LogCaptureFixture
) -> None:
    """The notifier fails for a step that is due between the others."""
    create_runs(2, queue="main", due="-20 seconds")
    create_runs(1, queue="unreadable", due="-15 seconds")
    create_runs(2, queue="side", due="-10 seconds")
    notified: list[str] = []

    def notifier(queue: str, step_id: int) -> None:
        if queue == "unreadable":
            raise UnicodeError("this queue cannot be read")
        notified.append(queue)

    registry.set_notifier(notifier)
    with caplog.at_level(logging.ERROR):
        assert waking.sweep() == 4
    assert notified == ["main", "main", "side", "side"]
    assert "could not notify of step" in caplog.text


@pytest.mark.fault(7, "a row that the sweep cannot read")
def test_a_queue_that_no_worker_serves_does_not_hide_the_others(diamond: Diamond) -> None:
    """It has more overdue steps than one sweep notifies of, and they are the oldest."""
    create_runs(waking.BATCH + 100, queue="deserted", state="ready", due="-1 hour")
    create_runs(3, queue="main", state="ready", due="-1 minute")
    waking.sweep()
    assert [queue for queue, _ in diamond.notifications].count("main") == 3
    assert len(diamond.notifications) <= waking.BATCH + 3


@pytest.mark.fault(15, "10,000 waiting runs")
def test_ten_thousand_waiting_runs_cost_the_sweep_nothing(diamond: Diamond) -> None:
    create_runs(10_000, queue="main")
    create_runs(7, queue="side", due="-1 minute", topic="'source:acme/due'")
    execute("ANALYZE engine_step, engine_run")
    assert waking.sweep() == waking.BATCH, "a few notifications are enough for all seven"
    assert {queue for queue, _ in diamond.notifications} == {"side"}
    diamond.notifications.clear()
    with transaction.atomic():
        assert waking.wake_topic("source:acme/4711") == 1
    assert len(diamond.notifications) == 1
    assert Run.objects.filter(state="active").count() == 10_007
    assert _uses_the_index()


def _uses_the_index() -> bool:
    """The sweep reads what is due and not every step."""
    rows = execute("EXPLAIN " + statements.OVERDUE % {"grace": "1", "limit": "500"})
    plan = "\n".join(str(line) for (line,) in rows)
    return "step_due" in plan and "Seq Scan on engine_step" not in plan


@pytest.mark.fault(7, "a run that stopped through a fault of ours")
def test_a_run_that_stopped_is_found_by_the_sweep(diamond: Diamond, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep of a worker looks at all active runs once a minute, and directly after its start."""
    monkeypatch.setattr(sweeper, "INTERVAL", 0.05)
    run = diamond.start()
    run.steps.filter(name__in=["first", "left", "right"]).update(state=StepState.DONE)
    stop = sweeper.start()
    try:
        wait_until(lambda: diamond.states(run)["last"] == StepState.READY, "the last step to be set going")
    finally:
        stop.set()
