"""Which due step of a queue a worker takes next."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from engine import claims, completion, waking
from engine.models import Run, Step, StepState
from engine.outcomes import Wait
from tests.engine.conftest import Diamond

pytestmark = pytest.mark.django_db(transaction=True)


def due(run: Run, name: str, seconds: float, state: StepState = StepState.READY) -> Step:
    """The step has been due for so many seconds; the others of its run are not."""
    run.steps.update(state=StepState.DONE, due_at=None)
    run.steps.filter(name=name).update(state=state, due_at=Now() - timedelta(seconds=seconds))
    return run.steps.get(name=name)


def taken(step: Step) -> Step:
    claimed = claims.claim_next(step.pk)
    assert claimed is not None
    return claimed


def test_the_oldest_comes_first(diamond: Diamond) -> None:
    younger, older = due(diamond.start(), "first", 1), due(diamond.start(), "first", 2)
    assert [taken(younger), taken(younger)] == [older, younger]


def test_a_run_that_has_begun_goes_on_before_another_begins(diamond: Diamond) -> None:
    """Otherwise the slowest tool would have nothing to do until every run of a campaign had passed the steps before it."""
    begins, goes_on = due(diamond.start(), "first", 50), due(diamond.start(), "left", 0)
    assert [taken(begins), taken(begins)] == [goes_on, begins]


def test_but_not_for_ever(diamond: Diamond) -> None:
    begins, goes_on = due(diamond.start(), "first", 70), due(diamond.start(), "left", 0)
    assert [taken(begins), taken(begins)] == [begins, goes_on]


def test_a_step_that_only_checks_again_has_no_precedence(diamond: Diamond) -> None:
    begins, checks = due(diamond.start(), "first", 50), due(diamond.start(), "left", 0, StepState.WAITING)
    assert [taken(begins), taken(begins)] == [begins, checks]


def test_a_step_that_was_woken_goes_on_before_another_run_begins(diamond: Diamond) -> None:
    begins, woken = due(diamond.start(), "first", 50), due(diamond.start(), "left", -60, StepState.WAITING)
    waking.wake_step(woken.pk)
    assert [taken(begins), taken(begins)] == [woken, begins]


def test_many_that_are_due_count_and_not_only_the_oldest_few(diamond: Diamond) -> None:
    begin = [due(diamond.start(), "first", 50) for _ in range(200)]
    goes_on = due(diamond.start(), "left", 0)
    assert taken(begin[0]) == goes_on


def test_a_claim_knows_the_version_of_its_run(diamond: Diamond, held: Step) -> None:
    """Also one that only checks again, which pages do not show: a completion sees by it that the run has changed since."""
    held.run.refresh_from_db()
    version = held.run.version
    completion.complete(held, Wait("for the tide", 60))
    again = diamond.claim_again(held)
    assert again.rechecking
    assert again.run.version == version + 1, "the wait was shown, and the check is not"
    held.run.refresh_from_db()
    assert again.run.version == held.run.version
