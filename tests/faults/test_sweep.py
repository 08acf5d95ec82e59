"""The sweep finds what everybody forgot, however much of it there is and whatever is wrong with some of it."""

import logging

import pytest
from django.db import connection, transaction

from onboarding.engine import registry, statements, waking
from onboarding.models import Run
from tests.engine.conftest import Trial, trial

__all__ = ["trial"]
pytestmark = pytest.mark.usefixtures("committed")


def statement(sql: str, *values: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def many(
    count: int, *, lane: str, state: str = "waiting", due: str = "1 hour", topic: str = "'source:acme/' || number"
) -> None:
    """So many runs with one step each, which is due so much later than now."""
    statement(
        f"""
        WITH numbers AS (SELECT number, gen_random_uuid() AS run FROM generate_series(1, {count}) number), runs AS (
            INSERT INTO onboarding_run (id, kind, state, topic, version, share, trace) SELECT run, 'trial', 'active', {topic}, 0, '', '' FROM numbers
        )
        INSERT INTO onboarding_step (run_id, name, position, needs, queue, state, move, attempt, failures, losses, epoch,
            due_at, woken, reason, detail, links, result)
        SELECT run, 'first', 0, '{{}}', %s, %s, 'machine', 1, 0, 0, 1,
            now() + interval '{due}' + number * interval '1 millisecond', false, '', '', '[]', '{{}}' FROM numbers
        """,
        lane,
        state,
    )


@pytest.mark.fault(7, "a row that the sweep cannot read")
def test_a_row_that_cannot_be_rung_for_does_not_stop_the_others(trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
    """One row in a lane that the bell chokes on, before and after others."""
    many(2, lane="one", due="-20 seconds")
    many(1, lane="torn", due="-15 seconds")
    many(2, lane="two", due="-10 seconds")
    rung: list[str] = []

    def bell(lane: str, step: int) -> None:
        if lane == "torn":
            raise UnicodeError("nobody can read this")
        rung.append(lane)

    registry.hang(bell)
    with caplog.at_level(logging.ERROR):
        assert waking.sweep() == 4
    assert rung == ["one", "one", "two", "two"]
    assert "could not ring" in caplog.text


@pytest.mark.fault(7, "a row that the sweep cannot read")
def test_a_lane_that_nobody_serves_does_not_hide_the_others(trial: Trial) -> None:
    """More overdue steps than one sweep rings for lie in it, and they are the oldest."""
    many(waking.BATCH + 100, lane="deserted", state="ready", due="-1 hour")
    many(3, lane="one", state="ready", due="-1 minute")
    waking.sweep()
    assert [lane for lane, _ in trial.rings].count("one") == 3
    assert len(trial.rings) <= waking.BATCH + 3


@pytest.mark.fault(15, "10,000 waiting runs")
def test_ten_thousand_that_wait_cost_nobody_anything(trial: Trial) -> None:
    many(10_000, lane="one")
    many(7, lane="two", due="-1 minute", topic="'source:acme/due'")
    statement("ANALYZE onboarding_step, onboarding_run")
    assert waking.sweep() == waking.BATCH, "a few rings are enough for all seven"
    assert {lane for lane, _ in trial.rings} == {"two"}
    trial.rings.clear()
    with transaction.atomic():
        assert waking.heard("source:acme/4711") == 1
    assert len(trial.rings) == 1
    assert Run.objects.filter(state="active").count() == 10_007
    assert _reads_by_index()


def _reads_by_index() -> bool:
    """The sweep looks at what is due and not at everything."""
    plan = statement("EXPLAIN " + statements.SWEEP % {"grace": "1", "limit": "500"})
    said = "\n".join(str(line) for (line,) in plan)
    return "step_due" in said and "Seq Scan on onboarding_step" not in said
