"""From a webhook to the step that waits for it: by the ring, or by the sweep where the ring was lost."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from events import intake
from events.models import Delivery
from onboarding import sweeping
from onboarding.engine import registry, work
from onboarding.engine.outcomes import Done, Outcome, Wait
from onboarding.engine.work import Work
from onboarding.models import Run, Step, StepState
from tests.engine.conftest import Trial, trial
from tests.events.conftest import Rings, from_github, from_jira, push

__all__ = ["trial"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(trial: Trial) -> Run:
    """A run whose first step waits for an hour, or until something happens to acme/greeter."""
    trial.behaviours["first"] = lambda _: Wait("Waiting for the merge.", 3_600)
    run = trial.start(topic="source:acme/greeter")
    assert work.turn(trial.step(run, "first").pk)
    trial.rings.clear()
    return run


def first(run: Run) -> Step:
    return run.steps.get(name="first")


def test_its_topic_wakes_the_step(
    rings: Rings, trial: Trial, waiting: Run, django_capture_on_commit_callbacks: object
) -> None:
    assert not work.turn(first(waiting).pk), "nothing is due before"
    from_github(push("Acme/Greeter"))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        intake.handle(Delivery.objects.get().pk)
    assert trial.rings == [("one", first(waiting).pk)]
    trial.behaviours["first"] = lambda _: Done("Merged.")
    assert work.turn(first(waiting).pk)
    assert first(waiting).state == StepState.DONE


def test_another_repository_wakes_nothing(rings: Rings, trial: Trial, waiting: Run) -> None:
    for body in (push("acme/greeter-two"), push("other/greeter")):
        from_github(body)
        intake.handle(Delivery.objects.latest("pk").pk)
    assert not work.turn(first(waiting).pk)


def test_a_ticket_wakes_its_own_run(rings: Rings, trial: Trial, waiting: Run) -> None:
    Run.objects.filter(pk=waiting.pk).update(topic="issues:10007")
    from_jira(b'{"webhookEvent":"jira:issue_updated","issue":{"id":"10007","key":"PLAT-7"}}')
    intake.handle(Delivery.objects.get().pk)
    assert work.turn(first(waiting).pk)


@pytest.mark.fault(11, "before the wait is stored")
def test_a_webhook_that_comes_while_the_step_is_looking_is_not_lost(rings: Rings, trial: Trial, waiting: Run) -> None:
    def look(given: Work) -> Outcome:
        from_github(push())
        intake.handle(Delivery.objects.latest("pk").pk)
        return Wait("Still waiting.", 3_600)

    trial.behaviours["first"] = look
    Step.objects.filter(pk=first(waiting).pk).update(due_at=Now())
    assert work.turn(first(waiting).pk)
    assert first(waiting).due_at <= timezone.now()  # type: ignore[operator]


@pytest.mark.fault(11, "lost")
def test_the_sweep_finds_the_delivery_whose_ring_was_lost(rings: Rings, trial: Trial, waiting: Run) -> None:
    from_github(push())
    rings.clear()
    sweeping.once()
    assert rings == [("events", Delivery.objects.get().pk)]
    intake.handle(Delivery.objects.get().pk)
    rings.clear()
    sweeping.once()
    assert not rings, "what was handled is not rung for again"


def test_one_ring_is_enough_for_a_backlog(rings: Rings) -> None:
    """A ring for each would fill the broker faster than it is emptied; and one that cannot be handled keeps back none."""
    bad = Delivery.objects.create(source="nobody", delivery_id="1", headers={}, body=b"")
    for _ in range(3):
        from_github(push())
    rings.clear()
    sweeping.once()
    assert rings == [("events", bad.pk)]
    intake.catch_up(bad.pk)
    assert intake.unhandled() == [bad.pk]


def test_the_sweep_finds_the_step_whose_ring_was_lost(rings: Rings, trial: Trial, waiting: Run) -> None:
    from_github(push())
    intake.handle(Delivery.objects.get().pk)
    Step.objects.filter(pk=first(waiting).pk).update(due_at=Now() - timedelta(seconds=5))
    trial.rings.clear()
    sweeping.once()
    assert ("one", first(waiting).pk) in trial.rings


def test_the_webhooks_body_decides_nothing(rings: Rings, trial: Trial, waiting: Run) -> None:
    """It says that the run is over; the step looks for itself and waits on."""
    from_github(push(workflow_run={"id": 1, "conclusion": "success"}), event="workflow_run")
    intake.handle(Delivery.objects.get().pk)
    assert work.turn(first(waiting).pk)
    assert first(waiting).state == StepState.WAITING
    assert registry.known("trial", "first")


@pytest.mark.fault(11, "out of order")
def test_news_in_the_wrong_order_lead_to_the_truth(rings: Rings, trial: Trial, waiting: Run) -> None:
    """That it was closed is handled before that it was opened; the step looks at what is the case."""
    from_github(push(action="opened", pull_request={"number": 1}), event="pull_request", delivery="first")
    from_github(
        push(action="closed", pull_request={"number": 1, "merged": True}), event="pull_request", delivery="second"
    )
    trial.behaviours["first"] = lambda _: Done("It is merged.")
    intake.handle(Delivery.objects.get(delivery_id="second").pk)
    assert work.turn(first(waiting).pk)
    intake.handle(Delivery.objects.get(delivery_id="first").pk)
    assert not work.turn(first(waiting).pk)
    assert (first(waiting).state, first(waiting).reason) == (StepState.DONE, "It is merged.")


@pytest.mark.fault(11, "replayed")
def test_an_old_delivery_under_a_new_number_only_makes_it_look(rings: Rings, trial: Trial, waiting: Run) -> None:
    """The signature covers the body and not its number: what is proved may still be old."""
    body = push(action="closed", pull_request={"number": 1, "merged": True})
    for number in ("seen", "again", "and again"):
        from_github(body, event="pull_request", delivery=number)
        intake.handle(Delivery.objects.get(delivery_id=number).pk)
        assert work.turn(first(waiting).pk)
        assert first(waiting).state == StepState.WAITING
    assert first(waiting).attempt == 1
