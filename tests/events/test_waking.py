"""From a webhook to the step that waits for it: by a notification, or by the sweep where the notification was lost."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from engine import execution, registry, sweeper
from engine.context import Work
from engine.models import Run, Step, StepState
from engine.outcomes import Done, Outcome, Wait
from events import intake
from events.models import WebhookDelivery
from tests.engine.conftest import KIND, Diamond, diamond, make_due
from tests.events.conftest import Notifications, from_github, from_jira, push

__all__ = ["diamond"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(diamond: Diamond) -> Run:
    """A run whose first step waits for an hour, or until something happens to acme/greeter."""
    diamond.behaviours["first"] = lambda _: Wait("Waiting for the merge.", 3_600)
    run = diamond.start(topic="source:7")
    assert execution.execute(diamond.step(run, "first").pk)
    diamond.notifications.clear()
    return run


def first(run: Run) -> Step:
    return run.steps.get(name="first")


def test_a_webhook_wakes_the_step_that_waits_for_its_topic(
    notifications: Notifications, diamond: Diamond, waiting: Run, django_capture_on_commit_callbacks: object
) -> None:
    assert not execution.execute(first(waiting).pk), "nothing is due before"
    from_github(push("Acme/Greeter"))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        intake.handle(WebhookDelivery.objects.get().pk)
    assert diamond.notifications == [("main", first(waiting).pk)]
    diamond.behaviours["first"] = lambda _: Done("Merged.")
    assert execution.execute(first(waiting).pk)
    assert first(waiting).state == StepState.DONE


def test_a_webhook_of_another_repository_wakes_nothing(
    notifications: Notifications, diamond: Diamond, waiting: Run
) -> None:
    for body in (push(number=8), push("other/greeter", number=9)):
        from_github(body)
        intake.handle(WebhookDelivery.objects.latest("pk").pk)
    assert not execution.execute(first(waiting).pk)


def test_a_webhook_of_a_ticket_wakes_the_run_of_that_ticket(
    notifications: Notifications, diamond: Diamond, waiting: Run
) -> None:
    Run.objects.filter(pk=waiting.pk).update(topic="issues:10007")
    from_jira(b'{"webhookEvent":"jira:issue_updated","issue":{"id":"10007","key":"PLAT-7"}}')
    intake.handle(WebhookDelivery.objects.get().pk)
    assert execution.execute(first(waiting).pk)


@pytest.mark.fault(11, "before the wait is stored")
def test_a_webhook_that_arrives_during_a_check_is_not_lost(
    notifications: Notifications, diamond: Diamond, waiting: Run
) -> None:
    def check(_: Work) -> Outcome:
        from_github(push())
        intake.handle(WebhookDelivery.objects.latest("pk").pk)
        return Wait("Still waiting.", 3_600)

    diamond.behaviours["first"] = check
    make_due(first(waiting))
    assert execution.execute(first(waiting).pk)
    assert first(waiting).due_at <= timezone.now()  # type: ignore[operator]


@pytest.mark.fault(11, "lost")
def test_the_sweep_finds_a_delivery_whose_notification_was_lost(
    notifications: Notifications, diamond: Diamond, waiting: Run
) -> None:
    from_github(push())
    notifications.clear()
    sweeper.sweep()
    assert notifications == [("events", WebhookDelivery.objects.get().pk)]
    intake.handle(WebhookDelivery.objects.get().pk)
    notifications.clear()
    sweeper.sweep()
    assert not notifications, "there is no further notification of a handled delivery"


def test_one_notification_is_enough_for_a_backlog(notifications: Notifications) -> None:
    """With one for each, the broker would fill faster than it is emptied. A bad delivery holds back no other."""
    bad = WebhookDelivery.objects.create(source="nobody", delivery_id="1", headers={}, body=b"")
    for _ in range(3):
        from_github(push())
    notifications.clear()
    sweeper.sweep()
    assert notifications == [("events", bad.pk)]
    intake.catch_up(bad.pk)
    assert intake.unhandled() == [bad.pk]


def test_the_sweep_finds_a_woken_step_whose_notification_was_lost(
    notifications: Notifications, diamond: Diamond, waiting: Run
) -> None:
    from_github(push())
    intake.handle(WebhookDelivery.objects.get().pk)
    Step.objects.filter(pk=first(waiting).pk).update(due_at=Now() - timedelta(seconds=5))
    diamond.notifications.clear()
    sweeper.sweep()
    assert ("main", first(waiting).pk) in diamond.notifications


def test_the_body_of_a_webhook_decides_nothing(notifications: Notifications, diamond: Diamond, waiting: Run) -> None:
    """The body says that the build has ended; the step checks for itself and goes on waiting."""
    from_github(push(workflow_run={"id": 1, "conclusion": "success"}), event="workflow_run")
    intake.handle(WebhookDelivery.objects.get().pk)
    assert execution.execute(first(waiting).pk)
    assert first(waiting).state == StepState.WAITING
    assert registry.known(KIND, "first")


@pytest.mark.fault(11, "out of order")
def test_webhooks_in_the_wrong_order_lead_to_the_truth(
    notifications: Notifications, diamond: Diamond, waiting: Run
) -> None:
    """“Closed” is handled before “opened”; the step checks the current state."""
    from_github(push(action="opened", pull_request={"number": 1}), event="pull_request", delivery="first")
    from_github(
        push(action="closed", pull_request={"number": 1, "merged": True}), event="pull_request", delivery="second"
    )
    diamond.behaviours["first"] = lambda _: Done("It is merged.")
    intake.handle(WebhookDelivery.objects.get(delivery_id="second").pk)
    assert execution.execute(first(waiting).pk)
    intake.handle(WebhookDelivery.objects.get(delivery_id="first").pk)
    assert not execution.execute(first(waiting).pk)
    assert (first(waiting).state, first(waiting).reason) == (StepState.DONE, "It is merged.")


@pytest.mark.fault(11, "replayed")
def test_a_replayed_delivery_with_another_id_and_kind_causes_nothing(
    notifications: Notifications, diamond: Diamond, waiting: Run
) -> None:
    """The signature covers the body and neither id nor kind: the same bytes are the same delivery."""
    body = push(action="closed", pull_request={"number": 1, "merged": True})
    from_github(body, event="pull_request", delivery="original")
    intake.handle(WebhookDelivery.objects.get().pk)
    assert execution.execute(first(waiting).pk)
    for delivery_id, kind in (("replayed", "pull_request"), ("replayed again", "push")):
        assert from_github(body, event=kind, delivery=delivery_id).status_code == 202
    assert WebhookDelivery.objects.count() == len(notifications) == 1
    assert not execution.execute(first(waiting).pk)
    assert (first(waiting).state, first(waiting).attempt) == (StepState.WAITING, 1)
