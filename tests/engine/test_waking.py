"""What notifies workers of due steps: a topic that something happened to, and the sweep."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from engine import execution, runs, waking
from engine.context import Work
from engine.models import RunState, Step, StepState
from engine.outcomes import Done, Outcome, Wait
from tests.engine.conftest import Diamond, expire_lease

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_wait_ends_once_something_happens_to_its_topic(diamond: Diamond) -> None:
    run = diamond.start(topic="source:acme/shop")
    diamond.behaviours["first"] = lambda _: Wait("for a merge", 3600)
    diamond.execute_notified()
    diamond.behaviours["first"] = lambda _: Done("merged")
    with transaction.atomic():
        assert waking.wake_topic("source:acme/other") == 0
        assert waking.wake_topic("source:acme/shop") == 1
    diamond.execute_notified()
    assert diamond.step(run, "first").state == StepState.DONE


@pytest.mark.fault(11, "before the wait is stored")
def test_a_wake_up_while_the_step_is_held_is_not_lost(diamond: Diamond) -> None:
    run = diamond.start(topic="source:acme/shop")

    def check(_: Work) -> Outcome:
        waking.wake_topic("source:acme/shop")  # arrives after the check and before the wait is stored
        return Wait("for a merge", 3600)

    diamond.behaviours["first"] = check
    execution.execute(diamond.next_notified())
    diamond.behaviours["first"] = lambda _: Done("merged")
    assert execution.execute(diamond.step(run, "first").pk) is True, "due at once instead of in an hour"


def test_one_step_is_woken(diamond: Diamond) -> None:
    run = diamond.start()
    diamond.behaviours["left"] = diamond.behaviours["right"] = lambda _: Wait("for its turn", 3600)
    diamond.execute_notified()
    left = diamond.step(run, "left")
    assert waking.wake_step(left.pk) is True
    assert diamond.notifications == [("main", left.pk)]
    assert waking.overdue() == [("main", left.pk)], "the other one waits on"


def test_a_step_that_is_woken_while_it_is_held_does_not_wait(diamond: Diamond) -> None:
    run = diamond.start()

    def perform(work: Work) -> Outcome:
        assert waking.wake_step(work.step.pk) is True
        return Wait("for its turn", 3600)

    diamond.behaviours["first"] = perform
    execution.execute(diamond.next_notified())
    assert waking.overdue() == [("main", diamond.step(run, "first").pk)]


def test_a_step_that_nobody_will_perform_is_not_woken(diamond: Diamond) -> None:
    run = diamond.start()
    first, last = diamond.step(run, "first"), diamond.step(run, "last")
    assert waking.wake_step(last.pk) is False, "it has not begun"
    with transaction.atomic():
        runs.end(run, RunState.CANCELLED)
    assert waking.wake_step(first.pk) is False
    assert waking.wake_step(0) is False


@pytest.mark.fault(7, "no beat")
def test_the_sweep_finds_a_step_whose_notification_was_lost(diamond: Diamond) -> None:
    run = diamond.start()
    diamond.notifications.clear()
    step = diamond.step(run, "first")
    assert waking.sweep() == 0, "what became due just now is left to its own notification"
    Step.objects.filter(pk=step.pk).update(due_at=Now() - timedelta(seconds=5))
    assert waking.sweep() == 1
    assert diamond.notifications == [("main", step.pk)]


def test_the_sweep_finds_an_abandoned_step(diamond: Diamond, held: Step) -> None:
    diamond.notifications.clear()
    assert waking.sweep() == 0
    expire_lease(held)
    assert waking.sweep() == 1
