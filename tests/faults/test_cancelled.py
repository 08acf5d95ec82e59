"""A run is cancelled while one of its calls is in progress."""

from collections.abc import Iterator

import pytest
from django.db import connection

from engine import execution, failpoints, interventions, waking
from engine.failpoints import Failpoint
from engine.models import Effect, EffectState, Run, RunState, StepState
from events.models import Event
from tests.faults import fake_provider
from tests.faults.fake_provider import FakeProvider


@pytest.fixture
def cancelling() -> Iterator[tuple[FakeProvider, list[Run]]]:
    """A provider that cancels the first of these runs, as a page does, after it has created the object and before it
    answers."""
    runs: list[Run] = []

    def cancel() -> None:
        interventions.cancel(runs[0].pk, person="alice")
        connection.close()

    with fake_provider.serving(cancel) as provider:
        yield provider, runs


@pytest.mark.fault(14, "the late result is fenced", "the object is recorded for clean-up")
def test_the_late_result_is_fenced_and_its_object_is_recorded(
    committed: None, cancelling: tuple[FakeProvider, list[Run]]
) -> None:
    provider, runs = cancelling
    runs.append(fake_provider.start_run())
    execution.drain(runs[0].steps.get(name="create").pk)
    runs[0].refresh_from_db()
    create, after = runs[0].steps.all()
    assert runs[0].state == RunState.CANCELLED
    assert (create.state, create.reason, after.state) == (StepState.CANCELLED, "", StepState.CANCELLED)
    assert provider.objects[str(runs[0].pk)] == 1
    effect = Effect.objects.get(step=create)
    assert (effect.state, effect.reference) == (EffectState.MADE, {"name": str(runs[0].pk)})
    events = Event.objects.filter(subject=f"run:{runs[0].pk}").values_list("type", flat=True)
    assert "onramp.step.done" not in events
    assert f"onramp.{fake_provider.KIND}.done" not in events
    assert waking.overdue() == []


@pytest.mark.fault(14, "the late result is fenced")
def test_a_call_that_has_not_begun_does_not_happen(committed: None) -> None:
    with fake_provider.serving() as provider:
        run = fake_provider.start_run()
        failpoints.subscribe(
            lambda point, _: interventions.cancel(run.pk, person="alice") if point is Failpoint.CLAIMED else None
        )
        try:
            execution.drain(run.steps.get(name="create").pk)
        finally:
            failpoints._listeners.clear()
        assert not provider.objects
        assert not Effect.objects.exists()
