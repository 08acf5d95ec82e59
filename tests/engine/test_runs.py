"""A run from its start to its end."""

import pytest
from django.db import transaction

from engine import runs
from engine.models import Run, RunState, StepState
from events.models import Event
from tests.engine.conftest import KIND, Diamond

pytestmark = pytest.mark.django_db(transaction=True)


def test_steps_run_once_everything_they_need_is_done(diamond: Diamond) -> None:
    run = diamond.start()
    assert diamond.states(run) == {
        "first": "ready",
        "left": "not_started",
        "right": "not_started",
        "last": "not_started",
    }
    diamond.execute_notified()
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert diamond.performed[0] == "first"
    assert diamond.performed[-1] == "last"
    assert sorted(diamond.performed) == ["first", "last", "left", "right"]


def test_a_run_proceeds_without_the_steps_that_it_does_not_have(diamond: Diamond) -> None:
    with transaction.atomic():
        run = runs.start(KIND, names=["first", "left", "last"])
    assert list(diamond.step(run, "last").needs) == ["left"]
    diamond.execute_notified()
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert diamond.performed == ["first", "left", "last"]


def test_nobody_is_notified_of_a_run_whose_transaction_is_rolled_back(diamond: Diamond) -> None:
    with transaction.atomic():
        runs.start(KIND)
        transaction.set_rollback(True)
    assert not Run.objects.exists()
    assert diamond.notifications == []


def test_ending_a_run_early_cancels_its_unfinished_steps(diamond: Diamond) -> None:
    run = diamond.start()
    diamond.claim(run, "first")
    with transaction.atomic():
        runs.end(runs.lock(run.pk), RunState.CANCELLED)
    assert set(diamond.states(run).values()) == {StepState.CANCELLED}
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert run.ended_at is not None
    assert Event.objects.filter(type=f"onramp.{KIND}.cancelled", subject=f"run:{run.pk}").count() == 1
