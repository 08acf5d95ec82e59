"""Changes outside: never twice, never zero. The outside is a dictionary that loses answers on demand."""

import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from onboarding.engine import effects, hold
from onboarding.engine.effects import Made
from onboarding.engine.outcomes import Ambiguous, Lost, NotDone, Retry, Unsettled
from onboarding.models import Effect, EffectState, Step
from tests.engine.conftest import Trial

pytestmark = pytest.mark.django_db(transaction=True)


class Outside:
    """Things by name; the next creation may lose its answer, and a look may lag."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.lose_answer = False
        self.fail_before = False
        self.refuse = False
        self.hidden = False

    def make(self) -> Made:
        if self.fail_before:
            raise Ambiguous("time-out")
        if self.refuse:
            raise NotDone(PermissionError("not allowed"))
        self.made.append("thing")
        if self.lose_answer:
            raise Ambiguous("time-out")
        return Made({"number": len(self.made)})

    def look(self) -> Made | None:
        return Made({"number": 1}) if self.made and not self.hidden else None


@pytest.fixture
def held(trial: Trial) -> Step:
    with transaction.atomic():
        run = trial.start()
    step = hold.claim(trial.step(run, "first").pk)
    assert step is not None
    return step


@pytest.fixture
def outside() -> Outside:
    return Outside()


def ensure(step: Step, outside: Outside, settle: float = 20) -> Made:
    return effects.ensure(
        step, "thing", "the thing", look=outside.look, make=outside.make, settle=timedelta(seconds=settle)
    )


def test_it_is_made_once_and_remembered(held: Step, outside: Outside) -> None:
    assert ensure(held, outside).reference == {"number": 1}
    assert ensure(held, outside).reference == {"number": 1}
    assert outside.made == ["thing"]
    assert Effect.objects.get().tries == 1


def test_what_is_there_already_is_adopted(held: Step, outside: Outside) -> None:
    outside.made.append("somebody else's")
    ensure(held, outside)
    assert outside.made == ["somebody else's"]


def test_a_lost_answer_is_settled_by_looking(held: Step, outside: Outside) -> None:
    outside.lose_answer = True
    with pytest.raises(Retry):
        ensure(held, outside)
    assert Effect.objects.get().state == EffectState.INTENDED
    assert ensure(held, outside).reference == {"number": 1}
    assert outside.made == ["thing"]


def test_not_found_counts_only_after_the_settling_time(held: Step, outside: Outside) -> None:
    outside.lose_answer = True
    with pytest.raises(Retry):
        ensure(held, outside)
    outside.hidden = True
    with pytest.raises(Unsettled) as unsettled:
        ensure(held, outside)
    assert 0 < unsettled.value.seconds <= 20
    assert outside.made == ["thing"], "a late index must not make a double"


def test_a_call_that_never_arrived_is_made_again_after_settling(held: Step, outside: Outside) -> None:
    outside.fail_before = True
    with pytest.raises(Retry):
        ensure(held, outside)
    outside.fail_before = False
    Effect.objects.update(tried_at=Now() - timedelta(seconds=21))
    ensure(held, outside)
    assert outside.made == ["thing"]
    assert Effect.objects.get().tries == 2


def test_a_clear_refusal_needs_no_settling(held: Step, outside: Outside) -> None:
    outside.refuse = True
    with pytest.raises(PermissionError, match="not allowed"):
        ensure(held, outside)
    assert Effect.objects.get().state == EffectState.REFUSED
    outside.refuse = False
    assert ensure(held, outside).reference == {"number": 1}
    assert Effect.objects.values_list("state", "tries").get() == (EffectState.MADE, 2)


def test_a_lost_answer_after_a_refusal_is_settled_again(held: Step, outside: Outside) -> None:
    outside.refuse = True
    with pytest.raises(PermissionError):
        ensure(held, outside)
    outside.refuse, outside.lose_answer = False, True
    with pytest.raises(Retry):
        ensure(held, outside)
    outside.hidden = True
    with pytest.raises(Unsettled):
        ensure(held, outside)
    assert outside.made == ["thing"]


def test_whoever_lost_the_step_makes_no_call(held: Step, outside: Outside) -> None:
    Step.objects.filter(pk=held.pk).update(epoch=held.epoch + 1)
    with pytest.raises(Lost):
        ensure(held, outside)
    assert outside.made == []


def test_the_intent_is_stored_before_the_call(held: Step) -> None:
    seen: list[tuple[str, int]] = []

    def make() -> Made:
        seen.append(Effect.objects.values_list("state", "tries").get())
        return Made()

    effects.ensure(held, "thing", "the thing", make=make)
    assert seen == [("intended", 1)]


def test_what_a_call_may_take_counts_from_before_its_fence(held: Step) -> None:
    before = time.monotonic()
    seen: list[float] = []

    def make() -> Made:
        seen.append(effects.fenced_at())
        return Made()

    effects.ensure(held, "thing", "the thing", make=make)
    assert before <= seen[0] <= time.monotonic()
