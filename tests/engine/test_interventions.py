"""What people do to a run: retry a step, re-run from a step, cancel the run."""

import pytest

from engine import completion, execution, interventions
from engine.context import Work
from engine.effects import Made
from engine.interventions import NotPossible
from engine.models import Effect, EffectState, Move, Run, RunState, Step, StepState
from engine.outcomes import Blocked, BlockedBy, Done, Failed, Failure, Lost, Outcome, Wait
from events.models import Event
from tests.engine.conftest import Diamond

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def blocker(diamond: Diamond) -> Run:
    """A run that watches over a blocker: its first step waits for an hour."""
    run = diamond.start()
    completion.complete(diamond.claim(run, "first"), Wait("for the quota", 3600))
    return run


@pytest.fixture
def blocked(diamond: Diamond, blocker: Run) -> Run:
    """A run whose first step is blocked."""
    run = diamond.start()
    ending = Blocked("The quota is used up", Move.PLATFORM, lambda _: BlockedBy(blocker.pk))
    completion.complete(diamond.claim(run, "first"), ending)
    diamond.notifications.clear()
    return run


def test_a_failed_step_can_be_retried(diamond: Diamond) -> None:
    run = diamond.start()

    def fail(_: Work) -> Outcome:
        raise Failure("It cannot be done", detail="raw output")

    diamond.behaviours["left"] = fail
    diamond.execute_notified()
    diamond.behaviours.clear()
    interventions.retry(run.pk, "left", person="alice")
    diamond.execute_notified()
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert [attempt.outcome for attempt in diamond.step(run, "left").attempts.all()] == ["failed", "done"]


def test_a_retry_is_recorded_with_its_person(diamond: Diamond, held: Step) -> None:
    completion.complete(held, Failed("It cannot be done"))
    interventions.retry(held.run_id, "first", person="alice")
    event = Event.objects.get(type="onramp.step.retry_requested")
    assert (event.subject, event.person) == (f"run:{held.run_id}", "alice")
    assert event.data == {"step": "first", "before": "failed"}


def test_a_retry_forgets_crashes(diamond: Diamond, held: Step) -> None:
    completion.complete(held, Failed("Stopped: its worker died 4 times in a row in this step."))
    Step.objects.filter(pk=held.pk).update(crashes=4)
    interventions.retry(held.run_id, "first", person="alice")
    held.refresh_from_db()
    assert (held.state, held.crashes, held.move) == (StepState.READY, 0, Move.MACHINE)


def test_a_retry_of_a_waiting_step_checks_now(diamond: Diamond, held: Step) -> None:
    completion.complete(held, Wait("for the tide", 3600))
    diamond.notifications.clear()
    interventions.retry(held.run_id, "first", person="alice")
    assert diamond.notifications == [("main", held.pk)]
    assert execution.execute(held.pk) is True


def test_a_retry_of_a_blocked_step_checks_its_blocker_now(diamond: Diamond, blocker: Run, blocked: Run) -> None:
    interventions.retry(blocked.pk, "first", person="alice")
    assert diamond.states(blocked)["first"] == StepState.BLOCKED, "only its blocker can release it"
    assert diamond.notifications == [("main", diamond.step(blocker, "first").pk)]
    assert execution.execute(diamond.next_notified()) is True


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("first", "This step is done: there is nothing to retry."),
        ("last", "This step is not started: there is nothing to retry."),
        ("a step of another kind of run", "This run has ended, or has no such step."),
    ],
)
def test_a_step_that_is_done_or_has_not_started_cannot_be_retried(diamond: Diamond, name: str, message: str) -> None:
    run = diamond.start()
    execution.execute(diamond.next_notified())
    diamond.claim(run, "left")
    with pytest.raises(NotPossible) as refusal:
        interventions.retry(run.pk, name, person="alice")
    assert str(refusal.value) == message
    assert not Event.objects.filter(type="onramp.step.retry_requested").exists()


@pytest.mark.parametrize("is_claimed", [False, True])
def test_two_people_who_retry_at_once_both_get_what_they_asked_for(
    diamond: Diamond, held: Step, is_claimed: bool
) -> None:
    completion.complete(held, Failed("It cannot be done"))
    interventions.retry(held.run_id, "first", person="alice")
    if is_claimed:
        diamond.claim(held.run, "first")
    before = diamond.step(held.run, "first").epoch
    interventions.retry(held.run_id, "first", person="bob")
    assert diamond.step(held.run, "first").epoch == before, "bob disturbs nothing"
    requests = Event.objects.filter(type="onramp.step.retry_requested").order_by("id")
    assert [event.person for event in requests] == ["alice", "bob"]


@pytest.mark.parametrize("intervene", [interventions.retry, interventions.rerun])
def test_steps_of_an_ended_run_stay_as_they_are(diamond: Diamond, intervene: object) -> None:
    run = diamond.start()
    interventions.cancel(run.pk, person="alice")
    with pytest.raises(NotPossible) as refusal:
        intervene(run.pk, "first", person="alice")  # type: ignore[operator]
    assert str(refusal.value) == "This run has ended, or has no such step."
    assert set(diamond.states(run).values()) == {StepState.CANCELLED}


@pytest.mark.fault(14, "the late result is fenced")
def test_cancelling_fences_a_call_in_progress(diamond: Diamond, held: Step) -> None:
    interventions.cancel(held.run_id, person="alice")
    with pytest.raises(Lost):
        completion.complete(held, Done("too late"))
    assert Run.objects.get(pk=held.run_id).state == RunState.CANCELLED
    event = Event.objects.get(type="onramp.run.cancelled")
    assert (event.subject, event.person) == (f"run:{held.run_id}", "alice")


def test_an_ended_run_cannot_be_cancelled(diamond: Diamond) -> None:
    run = diamond.start()
    diamond.execute_notified()
    with pytest.raises(NotPossible) as refusal:
        interventions.cancel(run.pk, person="alice")
    assert str(refusal.value) == "This run has already ended."
    run.refresh_from_db()
    assert run.state == RunState.DONE


def test_cancelling_a_blocked_run_wakes_its_blocker(diamond: Diamond, blocker: Run, blocked: Run) -> None:
    """Perhaps nobody else waits for it, and its ticket can be closed."""
    interventions.cancel(blocked.pk, person="alice")
    assert diamond.notifications == [("main", diamond.step(blocker, "first").pk)]
    assert diamond.step(blocked, "first").blocked_by_id is None


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("first", ["first", "left", "right", "last"]),
        ("left", ["left", "last"]),
        ("last", ["last"]),
    ],
)
def test_a_rerun_starts_from_a_step_and_includes_all_that_come_after_it(
    diamond: Diamond, name: str, names: list[str]
) -> None:
    assert interventions.from_step(diamond.start().steps.all(), name) == names


def test_a_rerun_executes_a_step_and_its_followers_again(diamond: Diamond) -> None:
    run = diamond.start()
    diamond.behaviours["last"] = lambda _: Wait("for the tide", 3600)
    diamond.execute_notified()
    diamond.performed.clear()
    diamond.behaviours.clear()
    interventions.rerun(run.pk, "left", person="alice")
    assert diamond.states(run) == {"first": "done", "left": "ready", "right": "done", "last": "not_started"}
    last = diamond.step(run, "last")
    assert (last.reason, last.due_at, last.began_at, last.ended_at) == ("", None, None, None)
    event = Event.objects.get(type="onramp.run.rerun")
    before = {"left": "done", "last": "waiting"}
    assert (event.person, event.data) == ("alice", {"step": "left", "steps": ["left", "last"], "before": before})
    diamond.execute_notified()
    assert diamond.performed == ["left", "last"]
    run.refresh_from_db()
    assert run.state == RunState.DONE


def test_a_rerun_fences_the_holder(diamond: Diamond, held: Step) -> None:
    interventions.rerun(held.run_id, "first", person="alice")
    with pytest.raises(Lost):
        completion.complete(held, Done("too late"))
    assert diamond.states(held.run)["first"] == StepState.READY


def test_a_rerun_finds_the_effects_again_before_it_creates_any(diamond: Diamond, held: Step) -> None:
    Work(held).ensure("repository", "acme/shop", create=Made)
    completion.complete(held, Done("done"))
    interventions.rerun(held.run_id, "first", person="alice")
    assert Effect.objects.get().state == EffectState.INTENDED
    again = Work(diamond.claim(held.run, "first"))
    again.ensure("repository", "acme/shop", find=Made, create=lambda: pytest.fail("it exists"))
    assert Effect.objects.values_list("state", "tries").get() == (EffectState.MADE, 1)


def test_an_answer_from_before_a_rerun_decides_nothing(diamond: Diamond, held: Step) -> None:
    """The call of a fenced holder ends long after somebody has run the step again."""

    def create() -> Made:
        Effect.objects.update(state=EffectState.MADE)
        interventions.rerun(held.run_id, "first", person="alice")
        return Made({"number": 1})

    Work(held).ensure("repository", "acme/shop", create=create)
    assert Effect.objects.values_list("state", "reference").get() == (EffectState.INTENDED, {})


def test_a_rerun_of_a_blocked_step_wakes_its_blocker(diamond: Diamond, blocker: Run, blocked: Run) -> None:
    interventions.rerun(blocked.pk, "first", person="alice")
    assert set(diamond.notifications) == {
        ("main", diamond.step(blocked, "first").pk),
        ("main", diamond.step(blocker, "first").pk),
    }
    assert diamond.step(blocked, "first").blocked_by_id is None


def test_a_step_that_has_not_started_cannot_be_rerun(diamond: Diamond) -> None:
    run = diamond.start()
    with pytest.raises(NotPossible) as refusal:
        interventions.rerun(run.pk, "last", person="alice")
    assert str(refusal.value) == "This step has not started yet, so it cannot run again."


def test_a_blocked_step_that_nobody_watches_over_cannot_be_retried(diamond: Diamond) -> None:
    run = diamond.start()
    run.steps.filter(name="first").update(state=StepState.BLOCKED)
    with pytest.raises(NotPossible, match="This step is blocked: there is nothing to retry"):
        interventions.retry(run.pk, "first", person="alice")


def test_a_rerun_wakes_no_blocker_of_another_step(diamond: Diamond, blocker: Run) -> None:
    run = diamond.start()
    diamond.execute_notified()
    Run.objects.filter(pk=run.pk).update(state=RunState.ACTIVE)
    run.steps.filter(name="left").update(state=StepState.BLOCKED, blocked_by=blocker)
    blocker.steps.update(state=StepState.WAITING)
    diamond.notifications.clear()
    interventions.rerun(run.pk, "right", person="alice")
    woken = {step_id for _, step_id in diamond.notifications}
    assert woken == {diamond.step(run, "right").pk}
