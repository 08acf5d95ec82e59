"""One execution of a step: how its outcomes and its errors end it."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection

from database import clock
from engine import execution, interventions, lease, registry
from engine.context import Work
from engine.models import Move, RunState, Step, StepState
from engine.outcomes import Done, Failure, NotYetVisible, Outcome, Retry, Wait
from engine.registry import StepKind
from events.models import Event
from portal.checks import every_live_step_is_known
from tests.engine.conftest import KIND, Behaviour, Diamond, expire_lease, make_due

pytestmark = pytest.mark.django_db(transaction=True)


def raises(error: Exception) -> Behaviour:
    def perform(_: Work) -> Outcome:
        raise error

    return perform


def test_a_worker_goes_on_with_its_queue_and_notifies_the_others(diamond: Diamond) -> None:
    run = diamond.start()
    execution.drain(diamond.next_notified())
    assert diamond.performed == ["first", "left"]
    assert [queue for queue, _ in diamond.notifications] == ["side"], "right is in another queue; last waits for it"
    diamond.execute_notified()
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert list(diamond.step(run, "left").attempts.values_list("number", "outcome")) == [(1, "done")]


@pytest.fixture
def serving_both() -> Iterator[None]:
    execution.serve(["main", "side"])
    yield
    execution.serve([])


def test_a_run_goes_on_in_every_queue_that_the_worker_serves(diamond: Diamond, serving_both: None) -> None:
    run = diamond.start()
    execution.drain(diamond.next_notified())
    assert diamond.performed == ["first", "left"]
    assert diamond.notifications == [("side", diamond.step(run, "right").pk)], "another worker can execute it meanwhile"
    execution.drain(diamond.next_notified())
    assert diamond.performed == ["first", "left", "right", "last"]
    run.refresh_from_db()
    assert (run.state, diamond.notifications) == (RunState.DONE, [])


def test_a_worker_does_not_go_on_with_one_run_for_ever(
    diamond: Diamond, serving_both: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that has to stop finishes the step that it executes, and begins no other."""
    monkeypatch.setattr(execution, "RUN_SLICE", 0.2)

    def takes_long(_: Work) -> Outcome:
        time.sleep(0.3)
        return Done("done")

    diamond.behaviours["first"] = takes_long
    monkeypatch.setattr(execution, "TIME_SLICE", -1.0)
    run = diamond.start()
    first = diamond.notifications[0]
    execution.drain(diamond.next_notified())
    assert diamond.performed == ["first"]
    assert diamond.notifications == [
        ("main", diamond.step(run, "left").pk),
        ("side", diamond.step(run, "right").pk),
        first,
    ]


def test_a_worker_goes_on_with_the_queue_of_the_notification(
    diamond: Diamond, serving_both: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not with the one in which the run's last step was."""
    run = diamond.start()
    execution.drain(diamond.next_notified())
    monkeypatch.setattr(execution, "TIME_SLICE", -1.0)
    execution.drain(diamond.next_notified())
    assert diamond.performed[-1] == "last"
    assert diamond.notifications == [("side", diamond.step(run, "right").pk)]


def test_a_worker_leaves_its_queue_to_others_after_a_time_slice(
    diamond: Diamond, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "TIME_SLICE", -1.0)
    runs = [diamond.start() for _ in range(2)]
    diamond.behaviours["first"] = lambda _: Wait("for the tide", 3600)
    notified = diamond.notifications[0]
    diamond.notifications.clear()
    execution.drain(notified[1])
    assert diamond.performed == ["first"]
    assert diamond.notifications == [notified], "the rest of the queue is passed on"
    assert [diamond.states(run)["first"] for run in runs] == ["waiting", "ready"]


def test_a_wait_holds_no_worker_and_is_checked_again_when_due(diamond: Diamond) -> None:
    run = diamond.start()
    diamond.behaviours["first"] = lambda _: Wait("for the tide", 3600, Move.TEAM)
    diamond.execute_notified()
    step = diamond.step(run, "first")
    assert (step.state, step.move, step.reason, step.lease_until) == ("waiting", "team", "for the tide", None)
    assert execution.execute(step.pk) is False, "not due yet"
    make_due(step)
    diamond.behaviours["first"] = lambda _: Done("the tide came")
    assert execution.execute(step.pk) is True
    assert diamond.step(run, "first").attempt == 1, "checking again is not a new attempt"


def test_a_transient_error_is_retried_and_shown(diamond: Diamond) -> None:
    run = diamond.start()
    diamond.behaviours["first"] = raises(Retry("The provider did not answer", after=90))
    diamond.execute_notified()
    step = diamond.step(run, "first")
    assert step.state == StepState.WAITING
    assert step.failures == 1
    assert "Retrying automatically" in step.reason
    assert step.due_at is not None
    make_due(step)
    diamond.behaviours["first"] = lambda _: Done("it answered")
    execution.execute(step.pk)
    step.refresh_from_db()
    assert (step.state, step.failures, step.failing_since, step.attempt) == ("done", 0, None, 2)


@pytest.mark.parametrize(("endless", "state"), [(False, StepState.FAILED), (True, StepState.WAITING)])
def test_the_engine_gives_up_after_many_transient_errors_unless_the_step_decides(
    diamond: Diamond, endless: bool, state: StepState
) -> None:
    run = diamond.start()
    step = diamond.step(run, "first")
    Step.objects.filter(pk=step.pk).update(failures=execution.MAX_FAILURES)
    diamond.behaviours["first"] = raises(Retry("The provider did not answer", detail="HTTP 503", endless=endless))
    diamond.execute_notified()
    step.refresh_from_db()
    assert (step.state, step.detail) == (state, "HTTP 503")
    gave_up = f"Gave up after {execution.MAX_FAILURES + 1} attempts. The provider did not answer"
    assert (step.reason == gave_up) is not endless


def test_an_effect_that_is_not_visible_yet_is_a_wait(diamond: Diamond) -> None:
    run = diamond.start()
    diamond.behaviours["first"] = raises(NotYetVisible("onramp/shop", 10))
    diamond.execute_notified()
    step = diamond.step(run, "first")
    assert (step.state, step.failures) == (StepState.WAITING, 0)
    assert step.reason == "Checking whether onramp/shop already exists"


def test_a_failure_stops_only_its_step(diamond: Diamond) -> None:
    run = diamond.start()
    diamond.behaviours["left"] = raises(Failure("It cannot be done", detail="raw output"))
    diamond.execute_notified()
    assert diamond.states(run) == {"first": "done", "left": "failed", "right": "done", "last": "not_started"}
    left = diamond.step(run, "left")
    assert (left.reason, left.detail) == ("It cannot be done", "raw output")


def test_a_step_that_nobody_looks_at_is_retried_instead_of_failing(diamond: Diamond) -> None:
    registry.register(KIND, [StepKind("first", "First", "main", (), diamond.perform, never_fails=True)])
    run = diamond.start()
    diamond.behaviours["first"] = raises(Failure("It cannot be done"))
    diamond.execute_notified()
    assert diamond.step(run, "first").state == StepState.WAITING
    assert Event.objects.get(type="onramp.step.failed").data == {"step": "first", "message": "It cannot be done"}


def test_an_unexpected_error_is_shown_with_its_traceback(diamond: Diamond) -> None:
    run = diamond.start()
    diamond.behaviours["first"] = raises(ZeroDivisionError())
    diamond.execute_notified()
    step = diamond.step(run, "first")
    assert step.state == StepState.FAILED
    assert "ZeroDivisionError" in step.reason
    assert "Traceback" in step.detail
    assert Event.objects.filter(type="onramp.step.unknown_error").count() == 1


@pytest.mark.fault(13, "stops after repeated crashes")
def test_a_step_that_kills_its_workers_is_stopped(diamond: Diamond) -> None:
    run = diamond.start()
    for _ in range(lease.MAX_CRASHES):
        expire_lease(diamond.claim(run, "first"))
    step = diamond.step(run, "first")
    assert execution.execute(step.pk) is True
    step.refresh_from_db()
    assert step.state == StepState.FAILED
    assert "died" in step.reason


@pytest.mark.fault(13, "stops after repeated crashes")
def test_a_tireless_step_that_kills_its_workers_may_kill_one_more_much_later(diamond: Diamond) -> None:
    registry.register(KIND, [StepKind("first", "First", "main", (), diamond.perform, never_fails=True)])
    run = diamond.start()
    for _ in range(lease.MAX_CRASHES):
        expire_lease(diamond.claim(run, "first"))
    step = diamond.step(run, "first")
    for _ in range(2):
        assert execution.execute(step.pk) is True
        assert diamond.performed == [], "it is not even begun"
        step.refresh_from_db()
        assert step.state == StepState.WAITING
        assert step.due_at is not None
        assert step.due_at - clock.now() > timedelta(minutes=50)
        expire_lease(diamond.claim_again(step))
    assert Event.objects.filter(type="onramp.step.quarantined").count() == 2
    diamond.behaviours["first"] = lambda _: Done("mended")
    Step.objects.filter(pk=step.pk).update(crashes=lease.MAX_CRASHES - 1, state=StepState.WAITING)
    execution.execute(step.pk)
    assert diamond.performed == ["first"]


@dataclass(frozen=True)
class Unprintable:
    text: str


@pytest.mark.parametrize("text", ["a\x00b", "half a \ud800 pair"])
@pytest.mark.parametrize("take_next", [False, True])
def test_what_cannot_be_written_is_a_failure_at_once(diamond: Diamond, text: str, take_next: bool) -> None:
    run = diamond.start()
    diamond.behaviours["first"] = lambda _: Done("done", Unprintable(text))
    (execution.drain if take_next else execution.execute)(diamond.next_notified())
    step = diamond.step(run, "first")
    assert (step.state, step.crashes, diamond.performed) == (StepState.FAILED, 0, ["first"])
    assert step.reason.startswith("What this step returned cannot be stored: ")
    assert "Unprintable" in step.detail


def test_a_log_that_cannot_be_written_is_kept_readable(diamond: Diamond) -> None:
    run = diamond.start()

    def perform(work: Work) -> Outcome:
        work.log("the provider said \x00")
        return Done("done")

    diamond.behaviours["first"] = perform
    execution.execute(diamond.next_notified())
    step = diamond.step(run, "first")
    assert step.state == StepState.FAILED
    assert "the provider said \ufffd" in step.attempts.get().log


def test_a_column_that_a_migration_widens_is_no_failure(diamond: Diamond) -> None:
    """PostgreSQL refuses the plans that the connection had prepared, once, as if the connection had been lost."""
    for _ in range(8):  # from the fifth time on, a statement is prepared
        execution.execute(diamond.step(diamond.start(), "first").pk)
    run = diamond.start()
    migrate("ALTER TABLE engine_step ALTER COLUMN reason TYPE varchar(5000)")
    try:
        execution.execute(diamond.step(run, "first").pk)
        assert diamond.states(run)["first"] == StepState.DONE
    finally:
        migrate("ALTER TABLE engine_step ALTER COLUMN reason TYPE text")


def migrate(statement: str) -> None:
    """On another connection: one that alters a table forgets its own plans."""

    def execute() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    thread = threading.Thread(target=execute)
    thread.start()
    thread.join()


@pytest.mark.fault(3, "a step renamed under live runs")
def test_a_step_that_this_version_does_not_know_is_left_to_a_worker_that_does(diamond: Diamond) -> None:
    run = diamond.start()
    Step.objects.filter(run=run, name="first").update(name="renamed")
    before = run.steps.values().get(name="renamed")
    assert not execution.execute(diamond.next_notified())
    execution.drain(before["id"])
    assert run.steps.values().get(name="renamed") == before, "its counters too are left to the other version"
    (problem,) = every_live_step_is_known(None, ["default"])
    assert problem.id == "onramp.E003"
    assert "1 live run of kind “diamond” still needs the step “renamed”" in str(problem.msg)
    interventions.cancel(run.pk, person="alice")
    assert every_live_step_is_known(None, ["default"]) == []
