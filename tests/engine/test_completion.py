"""How an execution is written down, and what becomes ready, in one commit."""

import threading
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from database import clock
from engine import completion, completion_parameters, execution, interventions, lease, registry, runs
from engine.models import Move, Run, RunState, Step, StepState
from engine.outcomes import Blocked, BlockedBy, Declined, Done, Failed, Lost, Paused, Wait
from events.models import Event
from tests.engine.conftest import KIND, Diamond, expire_lease, make_due, wait_for_lock

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Measurement:
    length: int


def test_a_result_and_its_links_are_stored(diamond: Diamond, held: Step) -> None:
    completion.complete(held, Done("measured", Measurement(3), links=[("Ruler", "https://acme.example/ruler")]))
    held.refresh_from_db()
    assert (held.state, held.reason, held.result) == (StepState.DONE, "measured", {"length": 3})
    assert held.links == [["Ruler", "https://acme.example/ruler"]]
    assert held.ended_at is not None


def test_the_next_step_of_the_queue_is_claimed_in_the_same_commit(diamond: Diamond, held: Step) -> None:
    diamond.notifications.clear()
    following = completion.complete(held, Done("done"), take=[held.queue])
    assert following is not None
    assert (following.name, following.run.pk) == ("left", held.run_id)
    assert lease.held(following).exists()
    assert [queue for queue, _ in diamond.notifications] == ["side"], "right is in another queue"


def test_a_step_of_another_queue_is_left_to_others(diamond: Diamond) -> None:
    run = diamond.start()
    for name in ("first", "left"):
        completion.complete(diamond.claim(run, name), Done("done"))
    assert completion.complete(diamond.claim(run, "right"), Done("done"), take=["side"]) is None
    assert diamond.states(run)["last"] == StepState.READY


def test_without_queues_to_take_from_every_ready_step_is_notified_of(diamond: Diamond, held: Step) -> None:
    diamond.notifications.clear()
    assert completion.complete(held, Done("done")) is None
    assert sorted(queue for queue, _ in diamond.notifications) == ["main", "side"]


def test_two_steps_that_end_at_once_make_ready_what_needs_both(diamond: Diamond) -> None:
    """Each sees the other's end, because changes of one run are committed one after the other."""
    run = diamond.start()
    execution.execute(diamond.next_notified())
    steps = [diamond.claim(run, name) for name in ("left", "right")]
    both = threading.Barrier(2)

    def end(step: Step) -> None:
        both.wait()
        completion.complete(step, Done("done"))
        connection.close()

    threads = [threading.Thread(target=end, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert diamond.states(run)["last"] == StepState.READY


@pytest.mark.parametrize("listens", [False, True])
def test_a_step_that_ran_again_beside_another_makes_ready_what_needs_both(
    diamond: Diamond, monkeypatch: pytest.MonkeyPatch, listens: bool
) -> None:
    """“Right” was claimed when nothing else could change the run; then somebody runs “left” again. A listener takes a
    transaction, where the run is always locked first."""
    monkeypatch.setattr(registry, "_listeners", {KIND: [lambda _run, _step: None]} if listens else {})
    run = diamond.start()
    execution.execute(diamond.next_notified())
    execution.execute(diamond.step(run, "left").pk)
    right = diamond.claim(run, "right")
    interventions.rerun(run.pk, "left", person="alice")
    left = diamond.claim(run, "left")

    def end() -> None:
        completion.complete(right, Done("done"))
        connection.close()

    thread = threading.Thread(target=end)
    with transaction.atomic():
        completion.complete(left, Done("done"))
        thread.start()
        wait_for_lock()
    thread.join()
    assert diamond.states(run) == {"first": "done", "left": "done", "right": "done", "last": "ready"}


def test_each_completed_step_is_recorded_once(diamond: Diamond) -> None:
    run = diamond.start()
    diamond.execute_notified()
    done = Event.objects.filter(type="onramp.step.done", subject=f"run:{run.pk}")
    assert sorted(event.data["step"] for event in done) == ["first", "last", "left", "right"]


def test_the_end_of_the_run_is_recorded_once(diamond: Diamond) -> None:
    run = diamond.start()
    diamond.execute_notified()
    assert Event.objects.filter(type=f"onramp.{KIND}.done", subject=f"run:{run.pk}").count() == 1


def test_a_recheck_with_the_same_message_is_no_news(diamond: Diamond, held: Step) -> None:
    completion.complete(held, Wait("for the tide", 0))
    before = Run.objects.get(pk=held.run_id).version
    since = diamond.step(held.run, "first").since
    completion.complete(diamond.claim_again(held), Wait("for the tide", 0))
    assert Run.objects.get(pk=held.run_id).version == before
    assert diamond.step(held.run, "first").since == since
    assert Event.objects.filter(type="onramp.step.waiting").count() == 1


def test_a_recheck_with_another_message_is_news(diamond: Diamond, held: Step) -> None:
    completion.complete(held, Wait("for the tide", 0))
    completion.complete(diamond.claim_again(held), Wait("for the wind", 0))
    assert Event.objects.filter(type="onramp.step.waiting").count() == 2


def test_a_recheck_that_finds_the_same_leaves_no_trace(diamond: Diamond, held: Step) -> None:
    completion.complete(held, Wait("for the tide", 0), "began to wait\n")
    before = versions_of_attempts()
    for _ in range(3):
        completion.complete(diamond.claim_again(held), Wait("for the tide", 0))
    assert versions_of_attempts() == before


def versions_of_attempts() -> list[tuple[object, ...]]:
    """Changes with every write, also of the same values."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, xmin::text FROM engine_attempt ORDER BY id")
        return list(cursor.fetchall())


def test_a_log_keeps_its_end(diamond: Diamond, held: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completion, "LONGEST_LOG", 10)
    completion.complete(held, Wait("for the tide", 0), "a line too long\n")
    completion.complete(diamond.claim_again(held), Wait("for the tide", 0), "newer\n")
    assert held.attempts.get().log == "ong\nnewer\n"


@pytest.mark.parametrize("ending", [Wait("for the tide", 0), Paused("Retrying.", 0, 1, attempt_message="No answer")])
def test_nothing_is_asked_again_without_a_pause(held: Step, ending: Wait | Paused) -> None:
    """A provider may answer “Retry-After: 0” for ever."""
    before = clock.now()
    completion.complete(held, ending)
    held.refresh_from_db()
    assert held.due_at is not None
    assert held.due_at - before >= timedelta(seconds=completion_parameters.MIN_PAUSE)


def test_a_wait_keeps_the_result_of_the_one_before(diamond: Diamond, held: Step) -> None:
    completion.complete(held, Wait("for the tide", 0, result={"seen": 1}))
    completion.complete(diamond.claim_again(held), Wait("for the tide", 0))
    assert diamond.step(held.run, "first").result == {"seen": 1}


def test_a_blocked_step_names_the_run_that_watches_over_its_blocker(diamond: Diamond, held: Step) -> None:
    blocker = runs.start(KIND)
    joined: list[Step] = []

    def join(step: Step) -> BlockedBy:
        joined.append(step)
        return BlockedBy(blocker.pk, [("Ticket", "https://acme.example/PLAT-1")])

    completion.complete(held, Blocked("The quota is used up", Move.PLATFORM, join, detail="exceeded quota"))
    held.refresh_from_db()
    assert joined == [held]
    assert (held.state, held.move, held.detail) == (StepState.BLOCKED, Move.PLATFORM, "exceeded quota")
    assert held.blocked_by_id == blocker.pk
    assert held.links == [["Ticket", "https://acme.example/PLAT-1"]]
    assert held.attempts.get().outcome == "blocked"


def test_a_failed_step_is_the_teams_move(diamond: Diamond, held: Step) -> None:
    completion.complete(held, Failed("It cannot be done", "raw output"))
    held.refresh_from_db()
    assert (held.state, held.move, held.detail) == (StepState.FAILED, Move.TEAM, "raw output")
    assert held.attempts.get().outcome == "failed"


def test_a_paused_attempt_failed_but_its_step_waits(diamond: Diamond, held: Step) -> None:
    completion.complete(held, Paused("Retrying automatically.", 60, 1, attempt_message="No answer"))
    held.refresh_from_db()
    assert (held.state, held.failures, held.reason) == (StepState.WAITING, 1, "Retrying automatically.")
    assert held.failing_since is not None
    attempt = held.attempts.get()
    assert (attempt.outcome, attempt.message) == ("failed", "No answer")
    assert Event.objects.filter(type="onramp.step.retry", subject=f"run:{held.run_id}").count() == 1
    make_due(held)
    assert diamond.claim(held.run, "first").attempt == 2


def test_failing_time_counts_from_the_first_failure(diamond: Diamond, held: Step) -> None:
    completion.complete(held, Paused("Retrying.", 60, 1, attempt_message="No answer"))
    Step.objects.filter(pk=held.pk).update(failing_since=Now() - timedelta(hours=1))
    again = diamond.claim_again(held)
    assert again.failing_since is not None
    completion.complete(again, Paused("Retrying.", 60, 2, attempt_message="No answer"))
    assert diamond.claim_again(held).failing_since == again.failing_since


def test_a_declined_step_ends_the_run_with_its_reason(diamond: Diamond) -> None:
    run = diamond.start()
    diamond.behaviours["left"] = lambda _: Declined("the team said no")
    diamond.execute_notified()
    run.refresh_from_db()
    assert run.state == RunState.DECLINED
    assert diamond.states(run)["last"] == StepState.CANCELLED
    assert diamond.step(run, "left").reason == "the team said no"


def test_a_holder_that_lost_the_step_writes_nothing(diamond: Diamond, held: Step) -> None:
    expire_lease(held)
    diamond.claim(held.run, "first")
    with pytest.raises(Lost):
        completion.complete(held, Done("too late"), "the log")
    assert diamond.step(held.run, "first").state == StepState.RUNNING
    assert [attempt.outcome for attempt in held.attempts.all()] == ["crashed"]
    assert not Event.objects.filter(type="onramp.step.done").exists()


def test_a_run_in_which_a_step_runs_again_does_not_end(diamond: Diamond) -> None:
    """Somebody re-ran it after its last step was done and before it could end."""
    run = diamond.start()
    diamond.execute_notified()
    run.steps.filter(name="last").update(state=StepState.READY)
    Run.objects.filter(pk=run.pk).update(state=RunState.ACTIVE)
    completion._finish(run, is_ended=False)
    run.refresh_from_db()
    assert run.state == RunState.ACTIVE


@pytest.mark.parametrize(("known", "shown"), [("", "The quota is used up"), ("PLAT-7 is open", "PLAT-7 is open")])
def test_a_blocker_that_knows_more_says_so(diamond: Diamond, held: Step, known: str, shown: str) -> None:
    blocker = runs.start(KIND)
    blocked = Blocked("The quota is used up", Move.PLATFORM, lambda _: BlockedBy(blocker.pk, message=known))
    completion.complete(held, blocked)
    held.refresh_from_db()
    assert held.reason == shown
