"""How long a wait lasts until somebody checks again."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from engine.context import Work
from engine.models import Step
from onboarding.steps import polling


@pytest.fixture(autouse=True)
def half_a_minute(settings: Settings) -> None:
    settings.ENV = settings.ENV.model_copy(update={"portal_poll_seconds": 30})


@pytest.mark.parametrize(("age", "seconds"), [(0, 10), (60, 20), (3_600, 30)])
def test_it_grows_with_the_time_that_has_passed(age: float, seconds: float) -> None:
    work = Work(Step(began_at=timezone.now() - timedelta(seconds=age)))
    assert polling.next_check(work) == pytest.approx(seconds, abs=1)


def test_a_step_that_begins_now_is_checked_soon() -> None:
    assert polling.next_check(Work(Step())) == pytest.approx(10, abs=1)


def test_where_a_check_takes_long_the_wait_has_a_tenth_of_a_worker_at_most() -> None:
    work = Work(Step())
    work.began -= 9
    assert polling.next_check(work) == pytest.approx(81, abs=1)
