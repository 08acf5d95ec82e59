"""A run is cancelled while a call of it is under way."""

from collections.abc import Iterator

import pytest
from django.db import connection

from events.models import Event
from onboarding import intervening
from onboarding.engine import points, waking, work
from onboarding.engine.points import Point
from onboarding.models import Effect, EffectState, Run, RunState, StepState
from tests.faults import shelf
from tests.faults.shelf import Shelf


@pytest.fixture
def cancelling() -> Iterator[tuple[Shelf, list[Run]]]:
    """The shelf cancels the run by the page's own verb, once the thing is there and before it answers."""
    runs: list[Run] = []

    def cancel() -> None:
        intervening.cancel(runs[0].pk, person="alice")
        connection.close()

    with shelf.standing(cancel) as outside:
        yield outside, runs


@pytest.mark.fault(14, "the late result is fenced", "the object recorded for clean-up")
def test_the_late_result_is_fenced_and_its_object_is_known(
    committed: None, cancelling: tuple[Shelf, list[Run]]
) -> None:
    outside, runs = cancelling
    runs.append(shelf.begin())
    work.carry(runs[0].steps.get(name="put").pk)
    runs[0].refresh_from_db()
    put, after = runs[0].steps.all()
    assert runs[0].state == RunState.CANCELLED
    assert (put.state, put.reason, after.state) == (StepState.CANCELLED, "", StepState.CANCELLED)
    assert outside.things[str(runs[0].pk)] == 1
    made = Effect.objects.get(step=put)
    assert (made.state, made.reference) == (EffectState.MADE, {"name": str(runs[0].pk)})
    told = Event.objects.filter(subject=f"run:{runs[0].pk}").values_list("type", flat=True)
    assert "onramp.step.done" not in told
    assert "onramp.shelf.done" not in told
    assert waking.overdue() == []


@pytest.mark.fault(14, "the late result is fenced")
def test_a_call_that_has_not_begun_is_not_made(committed: None) -> None:
    with shelf.standing() as outside:
        run = shelf.begin()
        points.on_reached(
            lambda point, _: intervening.cancel(run.pk, person="alice") if point is Point.CLAIMED else None
        )
        try:
            work.carry(run.steps.get(name="put").pk)
        finally:
            points._listeners.clear()
        assert not outside.things
        assert not Effect.objects.exists()
