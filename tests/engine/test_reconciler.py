"""A run that stopped because of a defect of Onramp is found and resumed."""

import pytest
from django.utils import timezone

from engine import completion, execution, reconciler, runs
from engine.models import Move, RunState, Step, StepState
from engine.outcomes import Blocked, BlockedBy, Failed, Wait
from events.models import Event
from tests.engine.conftest import KIND, Diamond

pytestmark = pytest.mark.django_db(transaction=True)


def finds() -> list[str]:
    return [event.data["step"] for event in Event.objects.filter(type=reconciler.STRANDED).order_by("id")]


def test_a_step_whose_needs_are_done_is_set_going(diamond: Diamond) -> None:
    run = diamond.start()
    run.steps.filter(name__in=["first", "left", "right"]).update(state=StepState.DONE)
    diamond.notifications.clear()
    assert reconciler.reconcile() == 1
    assert diamond.notifications == [("main", diamond.step(run, "last").pk)]
    diamond.execute_notified()
    run.refresh_from_db()
    assert (run.state, finds()) == (RunState.DONE, ["last"])


def test_a_blocked_step_whose_blocker_has_ended_is_set_going(diamond: Diamond, held: Step) -> None:
    blocker = runs.start(KIND)
    blocked = Blocked("The quota is used up", Move.PLATFORM, lambda _: BlockedBy(blocker.pk))
    completion.complete(held, blocked)
    assert reconciler.reconcile() == 0, "somebody watches over it"
    type(blocker).objects.filter(pk=blocker.pk).update(state=RunState.CANCELLED)
    assert reconciler.reconcile() == 1
    assert diamond.states(held.run)["first"] == StepState.READY
    assert finds() == ["first"]


def test_a_run_with_nothing_left_to_do_ends(diamond: Diamond) -> None:
    run = diamond.start()
    run.steps.update(state=StepState.DONE, ended_at=timezone.now())
    assert reconciler.reconcile() == 1
    run.refresh_from_db()
    assert (run.state, finds()) == (RunState.DONE, [""])


@pytest.mark.parametrize(
    "broken",
    [
        {"state": StepState.RUNNING, "lease_until": None},
        {"state": StepState.READY, "due_at": None},
        {"state": StepState.WAITING, "due_at": None},
    ],
)
def test_a_step_that_no_worker_would_ever_take_is_set_going(
    diamond: Diamond, held: Step, broken: dict[str, object]
) -> None:
    run = held.run
    run.steps.filter(pk=held.pk).update(**broken)
    assert reconciler.reconcile() == 1
    diamond.execute_notified()
    run.refresh_from_db()
    assert (run.state, finds()) == (RunState.DONE, ["first"])


def test_a_run_that_waits_or_goes_on_is_left_alone(diamond: Diamond) -> None:
    diamond.start()
    waiting, failed, running = (diamond.claim(diamond.start(), "first") for _ in range(3))
    completion.complete(waiting, Wait("for the tide", 3600))
    completion.complete(failed, Failed("It cannot be done"))
    beside_a_failed_one = diamond.start()
    execution.execute(diamond.step(beside_a_failed_one, "first").pk)
    completion.complete(diamond.claim(beside_a_failed_one, "left"), Failed("It cannot be done"))
    assert running.state == StepState.RUNNING
    before = list(Step.objects.order_by("pk").values())
    assert reconciler.reconcile() == 0
    assert list(Step.objects.order_by("pk").values()) == before


def test_what_somebody_else_set_going_meanwhile_is_left_alone(
    diamond: Diamond, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = diamond.start()
    run.steps.filter(name="first").update(state=StepState.DONE)
    seen = reconciler.stranded()
    assert reconciler.reconcile() == 2
    for run_id, step_id in seen:
        assert not reconciler._set_going(run_id, step_id)
    assert finds() == ["left", "right"]
