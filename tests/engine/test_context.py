"""What a step's code receives: results of earlier steps, its log, and its effects."""

import re
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import connection
from django.db.models.functions import Now

from engine import claims, execution
from engine.context import Work
from engine.effects import Made
from engine.models import Step
from engine.outcomes import Done, Lost, Outcome
from tests.engine.conftest import Diamond

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Measurement:
    step: ClassVar[str] = "first"
    length: int
    unit: str = "cm"


@dataclass(frozen=True)
class Verdict:
    step: ClassVar[str] = "last"
    accepted: bool


@dataclass(frozen=True)
class Foreign:
    step: ClassVar[str] = "a step of another kind of run"


@pytest.fixture
def work(diamond: Diamond) -> Work:
    """Of the step “left”, after the step “first” has returned."""
    run = diamond.start()
    diamond.behaviours["first"] = lambda _: Done("measured", Measurement(3))
    execution.execute(diamond.next_notified())
    return Work(diamond.claim(run, "left"))


def test_a_step_reads_the_typed_result_of_an_earlier_one(work: Work) -> None:
    assert work.result(Measurement) == Measurement(length=3, unit="cm")


def test_a_step_that_the_run_does_not_have_has_no_result(work: Work) -> None:
    with pytest.raises(KeyError):
        work.result(Foreign)


def test_a_step_that_has_not_returned_has_no_result(work: Work) -> None:
    with pytest.raises(TypeError):
        work.result(Verdict)


def test_an_effect_that_was_created_now_was_created_by_this_run(held: Step) -> None:
    assert Work(held).created_by_this_run("repository", "acme/shop", created=True)


def test_an_effect_that_was_created_by_an_earlier_try_was_created_by_this_run(held: Step) -> None:
    Work(held).ensure("repository", "acme/shop", create=lambda: Made({"created": True}))
    assert Work(held).created_by_this_run("repository", "acme/shop", created=False)


def test_an_effect_that_was_found_was_not_created_by_this_run(held: Step) -> None:
    Work(held).ensure("repository", "acme/shop", create=lambda: Made({"created": False}))
    assert not Work(held).created_by_this_run("repository", "acme/shop", created=False)
    assert not Work(held).created_by_this_run("repository", "acme/never-tried", created=False)


def test_an_effect_is_logged_only_when_it_is_made(held: Step) -> None:
    work = Work(held)
    work.ensure("repository", "acme/shop", create=Made)
    (line,) = work.lines
    work.ensure("repository", "acme/shop", create=Made)
    assert work.lines == [line]
    assert re.fullmatch(r"\d\d:\d\d:\d\d repository acme/shop\n", line)


def test_the_log_of_a_step_is_kept_with_its_attempt(diamond: Diamond) -> None:
    run = diamond.start()

    def log(work: Work) -> Outcome:
        work.log("looked under the stone")
        return Done("done")

    diamond.behaviours["first"] = log
    diamond.execute_notified()
    assert "looked under the stone" in diamond.step(run, "first").attempts.get().log


def test_rows_are_written_only_by_the_holder(work: Work) -> None:
    with work.transaction():
        Step.objects.filter(pk=work.step.pk).update(detail="written by its holder")
    Step.objects.filter(pk=work.step.pk).update(epoch=work.step.epoch + 1)
    with pytest.raises(Lost), work.transaction():
        pytest.fail("another worker holds it")
    assert Step.objects.get(pk=work.step.pk).detail == "written by its holder"


def test_nobody_takes_a_step_in_the_middle_of_its_transaction(work: Work) -> None:
    """Not even after the lease, which is renewed then."""
    Step.objects.filter(pk=work.step.pk).update(lease_until=Now() - timedelta(seconds=1))
    taken: list[Step | None] = []

    def take() -> None:
        taken.append(claims.claim(work.step.pk))
        connection.close()

    with work.transaction():
        thread = threading.Thread(target=take)
        thread.start()
        thread.join()
    assert taken == [None]
    assert claims.claim(work.step.pk) is None


def test_a_step_remembers_for_its_next_execution(work: Work) -> None:
    work.remember(seen=1)
    work.remember(answered=True)
    assert Step.objects.get(pk=work.step.pk).result == {"seen": 1, "answered": True}


def test_a_step_that_was_lost_remembers_nothing(work: Work) -> None:
    Step.objects.filter(pk=work.step.pk).update(epoch=work.step.epoch + 1)
    with pytest.raises(Lost):
        work.remember(seen=1)
    assert Step.objects.get(pk=work.step.pk).result == {}
