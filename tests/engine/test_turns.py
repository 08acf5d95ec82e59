"""One turn of a step, and what it leads to."""

import io
import logging
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from events.models import Event
from onboarding import intervening
from onboarding.engine import hold, waking, work
from onboarding.engine.outcomes import Done, Failure, Lost, Outcome, Refused, Retry, Wait
from onboarding.engine.work import Work
from onboarding.models import Move, RunState, Step, StepState
from onboarding.models import Run as RunRow
from portal.checks import no_run_is_stranded
from portal.logs import Run
from tests.engine.conftest import Trial

pytestmark = pytest.mark.django_db(transaction=True)


def begin(trial: Trial, topic: str = "") -> RunRow:
    with transaction.atomic():
        return trial.start(topic)


def finish(trial: Trial, run: RunRow) -> None:
    """Answer every ring until nothing is left."""
    while trial.rings:
        work.turn(trial.rings.pop(0)[1])


def test_a_run_goes_as_its_needs_allow(trial: Trial) -> None:
    run = begin(trial)
    assert trial.states(run) == {"first": "ready", "left": "not_started", "right": "not_started", "last": "not_started"}
    finish(trial, run)
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert trial.performed[0] == "first"
    assert trial.performed[-1] == "last"
    assert sorted(trial.performed) == ["first", "last", "left", "right"]


def test_a_worker_takes_what_follows_in_its_lane_and_rings_for_the_rest(trial: Trial) -> None:
    run = begin(trial)
    work.carry(trial.rings.pop(0)[1])
    assert trial.performed == ["first", "left"]
    assert [lane for lane, _ in trial.rings] == ["two"], "right is in another lane; last waits for it"
    finish(trial, run)
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert list(trial.step(run, "left").attempts.values_list("number", "outcome")) == [(1, "done")]


def test_two_that_end_together_make_ready_what_needs_both(trial: Trial) -> None:
    """Each sees the other's end, because changes of one run come one after the other."""
    run = begin(trial)
    work.turn(trial.rings.pop(0)[1])
    held = [hold.claim(trial.step(run, name).pk) for name in ("left", "right")]
    both = threading.Barrier(2)

    def end(step: Step | None) -> None:
        assert step is not None
        both.wait()
        hold.settle(step, Done("done"))
        connection.close()

    threads = [threading.Thread(target=end, args=(step,)) for step in held]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trial.states(run)["last"] == StepState.READY


def test_each_done_is_recorded_once(trial: Trial) -> None:
    run = begin(trial)
    finish(trial, run)
    done = Event.objects.filter(type="onramp.step.done", subject=f"run:{run.pk}")
    assert sorted(event.data["step"] for event in done) == ["first", "last", "left", "right"]


@pytest.mark.fault(5, "two workers claiming together")
def test_a_step_that_is_held_is_not_taken_twice(trial: Trial) -> None:
    run = begin(trial)
    first = trial.step(run, "first")
    assert hold.claim(first.pk) is not None
    assert hold.claim(first.pk) is None
    assert work.turn(first.pk) is False


def test_an_ended_lease_frees_the_step_and_fences_its_old_holder(trial: Trial) -> None:
    run = begin(trial)
    old = hold.claim(trial.step(run, "first").pk)
    assert old is not None
    Step.objects.filter(pk=old.pk).update(lease_until=Now() - timedelta(seconds=1))
    new = hold.claim(old.pk)
    assert new is not None
    assert new.epoch == old.epoch + 1
    with pytest.raises(Lost):
        hold.settle(old, Done("too late"))
    hold.settle(new, Done("in time"))
    assert trial.step(run, "first").reason == "in time"


def test_a_wait_holds_no_worker_and_looks_again_when_due(trial: Trial) -> None:
    run = begin(trial)
    trial.behaviours["first"] = lambda _: Wait("for the tide", 3600, Move.TEAM)
    finish(trial, run)
    step = trial.step(run, "first")
    assert (step.state, step.move, step.reason, step.lease_until) == ("waiting", "team", "for the tide", None)
    assert work.turn(step.pk) is False, "not due yet"
    Step.objects.filter(pk=step.pk).update(due_at=Now())
    trial.behaviours["first"] = lambda _: Done("the tide came")
    assert work.turn(step.pk) is True
    assert trial.step(run, "first").attempt == 1, "looking again is not a new attempt"


def test_hearing_of_the_topic_ends_the_wait(trial: Trial) -> None:
    run = begin(trial, topic="source:acme/shop")
    trial.behaviours["first"] = lambda _: Wait("for a merge", 3600)
    finish(trial, run)
    trial.behaviours["first"] = lambda _: Done("merged")
    with transaction.atomic():
        assert waking.heard("source:acme/other") == 0
        assert waking.heard("source:acme/shop") == 1
    finish(trial, run)
    assert trial.step(run, "first").state == StepState.DONE


@pytest.mark.fault(11, "before the wait is stored")
def test_a_wake_up_while_the_step_is_held_is_not_lost(trial: Trial) -> None:
    run = begin(trial, topic="source:acme/shop")

    def look(_: Work) -> Outcome:
        waking.heard("source:acme/shop")  # arrives after the look and before the wait is stored
        return Wait("for a merge", 3600)

    trial.behaviours["first"] = look
    work.turn(trial.rings.pop(0)[1])
    trial.behaviours["first"] = lambda _: Done("merged")
    assert work.turn(trial.step(run, "first").pk) is True, "due at once instead of in an hour"


def test_a_transient_error_is_tried_again_and_said(trial: Trial) -> None:
    run = begin(trial)

    def fail(_: Work) -> Outcome:
        raise Retry("The provider did not answer", after=90)

    trial.behaviours["first"] = fail
    finish(trial, run)
    step = trial.step(run, "first")
    assert step.state == StepState.WAITING
    assert step.failures == 1
    assert "Trying again" in step.reason
    assert step.due_at is not None
    Step.objects.filter(pk=step.pk).update(due_at=Now())
    trial.behaviours["first"] = lambda _: Done("it answered")
    work.turn(step.pk)
    step.refresh_from_db()
    assert (step.state, step.failures, step.failing_since, step.attempt) == ("done", 0, None, 2)


def test_a_failure_stops_its_step_alone_and_can_be_retried(trial: Trial) -> None:
    run = begin(trial)

    def fail(_: Work) -> Outcome:
        raise Failure("It cannot be done", detail="raw words")

    trial.behaviours["left"] = fail
    finish(trial, run)
    assert trial.states(run) == {"first": "done", "left": "failed", "right": "done", "last": "not_started"}
    trial.behaviours.clear()
    intervening.retry(run.pk, "left", person="alice")
    finish(trial, run)
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert [one.outcome for one in trial.step(run, "left").attempts.all()] == ["failed", "done"]


def test_an_unknown_error_shows_itself(trial: Trial) -> None:
    run = begin(trial)

    def divide(_: Work) -> Outcome:
        raise ZeroDivisionError

    trial.behaviours["first"] = divide
    finish(trial, run)
    step = trial.step(run, "first")
    assert step.state == StepState.FAILED
    assert "ZeroDivisionError" in step.reason
    assert "Traceback" in step.detail
    assert Event.objects.filter(type="onramp.step.unknown_error").count() == 1


def test_a_refusal_ends_the_run_with_its_reason(trial: Trial) -> None:
    run = begin(trial)
    trial.behaviours["left"] = lambda _: Refused("the team said no")
    finish(trial, run)
    run.refresh_from_db()
    assert run.state == RunState.REFUSED
    assert trial.states(run)["last"] == StepState.CANCELLED


@pytest.mark.fault(14, "the late result is fenced")
def test_cancelling_fences_a_call_under_way(trial: Trial) -> None:
    run = begin(trial)
    held = hold.claim(trial.step(run, "first").pk)
    assert held is not None
    intervening.cancel(run.pk, person="alice")
    with pytest.raises(Lost):
        hold.settle(held, Done("too late"))
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED


@pytest.mark.fault(13, "stops after so many claims")
def test_a_step_that_kills_its_workers_stops(trial: Trial) -> None:
    run = begin(trial)
    step = trial.step(run, "first")
    for _ in range(hold.MAX_LOSSES):
        assert hold.claim(step.pk) is not None
        Step.objects.filter(pk=step.pk).update(lease_until=Now() - timedelta(seconds=1))
    assert work.turn(step.pk) is True
    step.refresh_from_db()
    assert step.state == StepState.FAILED
    assert "died" in step.reason


def test_a_ring_serves_whoever_has_the_fewest_workers(trial: Trial) -> None:
    """Many runs of one team do not hold up another's: a ring means work in a lane, not this step of it."""
    many = [trial.start(share="many") for _ in range(3)]
    held = hold.claim_fairly(trial.step(many[0], "first").pk)
    assert held is not None
    few = trial.start(share="few")
    taken = hold.claim_fairly(trial.step(many[1], "first").pk)
    assert taken is not None
    assert taken.run_id == few.pk
    following = hold.claim_fairly(trial.step(few, "first").pk)
    assert following is not None
    assert following.run_id == many[1].pk, "a ring whose step is taken already finds what else is due"


@pytest.mark.fault(5, "two workers claiming together")
def test_all_who_take_at_once_get_something(trial: Trial) -> None:
    """Whoever comes a moment too late for a step goes on to the next one, and not home: a ring is spent only once."""
    runs = [begin(trial) for _ in range(40)]
    ring = trial.step(runs[0], "first").pk
    taken: list[Step | None] = []

    def take() -> None:
        together.wait()
        taken.append(hold.claim_fairly(ring))
        connection.close()

    for _ in range(5):
        together = threading.Barrier(6)
        threads = [threading.Thread(target=take) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({step.pk for step in taken if step is not None}) == 30


@pytest.mark.fault(7, "no beat")
def test_the_sweep_finds_what_every_ring_lost(trial: Trial) -> None:
    run = begin(trial)
    trial.rings.clear()
    step = trial.step(run, "first")
    assert waking.sweep() == 0, "what became due just now is left to the bell"
    Step.objects.filter(pk=step.pk).update(due_at=Now() - timedelta(seconds=5))
    assert waking.sweep() == 1
    assert trial.rings == [("one", step.pk)]


def test_the_sweep_finds_an_abandoned_step(trial: Trial) -> None:
    run = begin(trial)
    held = hold.claim(trial.step(run, "first").pk)
    assert held is not None
    trial.rings.clear()
    assert waking.sweep() == 0
    Step.objects.filter(pk=held.pk).update(lease_until=Now() - timedelta(seconds=1))
    assert waking.sweep() == 1


def test_the_log_of_a_step_is_kept_with_its_attempt(trial: Trial) -> None:
    run = begin(trial)

    def speak(given: Work) -> Outcome:
        given.log("looked under the stone")
        return Done("found")

    trial.behaviours["first"] = speak
    finish(trial, run)
    assert "looked under the stone" in trial.step(run, "first").attempts.get().log


def test_every_line_of_the_log_bears_its_run(trial: Trial) -> None:
    run = begin(trial)
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.addFilter(Run())
    handler.setFormatter(logging.Formatter("run=%(run)s %(message)s"))
    logger = logging.getLogger("a.step")
    logger.addHandler(handler)

    def speak(_: Work) -> Outcome:
        logger.warning("something odd")
        return Done("done")

    trial.behaviours["first"] = speak
    work.turn(trial.rings.pop(0)[1])
    logger.warning("afterwards")
    logger.removeHandler(handler)
    assert said.getvalue() == f"run={run.pk} something odd\nrun=- afterwards\n"


@pytest.mark.fault(3, "a step renamed under live runs")
def test_a_step_that_this_version_does_not_know_waits_for_one_that_does(trial: Trial) -> None:
    run = begin(trial)
    Step.objects.filter(run=run, name="first").update(name="renamed")
    assert work.turn(trial.rings.pop(0)[1])
    step = trial.step(run, "renamed")
    assert (step.state, step.failures) == (StepState.WAITING, 0)
    assert "does not know the step “renamed”" in step.reason
    (said,) = no_run_is_stranded(None, ["default"])
    assert said.id == "onramp.E003"
    assert "1 live run of kind “trial” still needs the step “renamed”" in str(said.msg)
    intervening.cancel(run.pk, person="alice")
    assert no_run_is_stranded(None, ["default"]) == []


def test_who_stands_still_within_a_transaction_is_cut_off_within_a_lease() -> None:
    """Or every worker that comes to the same run would stand still with it, one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting::int FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'")
        (milliseconds,) = cursor.fetchone()
    assert 0 < milliseconds <= hold.LEASE.total_seconds() * 1000
