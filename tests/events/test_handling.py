"""A stored delivery is translated once; one that cannot be translated is kept with its problem."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from events import intake
from events.models import Event, WebhookDelivery
from integrations.webhooks import WebhookEvent
from tests.events.conftest import Notifications, from_github, from_jira, push


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[WebhookEvent]:
    """Every webhook event that listeners are called with."""
    received: list[WebhookEvent] = []
    monkeypatch.setattr(intake, "_listeners", [received.append])
    return received


def stored(body: bytes, event: str = "push") -> WebhookDelivery:
    assert from_github(body, event=event).status_code == 202
    return WebhookDelivery.objects.latest("pk")


@pytest.mark.django_db
def test_a_push_becomes_an_event_with_the_topic_of_its_repository(
    notifications: Notifications, received: list[WebhookEvent]
) -> None:
    delivery = stored(push("Acme/Greeter", after="a" * 40))
    assert intake.handle(delivery.pk)
    event = Event.objects.get()
    assert (event.type, event.source, event.subject) == ("github.push", "github", "Acme/Greeter")
    assert event.data == {"sender": "alice", "ref": "refs/heads/main", "after": "a" * 40}
    assert [event.topic for event in received] == ["source:7"]


@pytest.mark.django_db
def test_a_ticket_of_jira_becomes_an_event_with_its_topic(
    notifications: Notifications, received: list[WebhookEvent]
) -> None:
    from_jira(b'{"webhookEvent":"jira:issue_updated","issue":{"id":"10007","key":"PLAT-7"}}')
    assert intake.handle(WebhookDelivery.objects.get().pk)
    assert Event.objects.get().subject == "PLAT-7"
    assert [event.topic for event in received] == ["issues:10007"]


@pytest.mark.django_db
def test_a_delivery_is_handled_once(notifications: Notifications, received: list[WebhookEvent]) -> None:
    delivery = stored(push())
    assert [intake.handle(delivery.pk) for _ in range(3)] == [True, False, False]
    assert Event.objects.count() == len(received) == 1


@pytest.mark.fault(11, "twice")
@pytest.mark.django_db(transaction=True)
def test_workers_that_handle_a_delivery_at_once_handle_it_once(
    notifications: Notifications, received: list[WebhookEvent]
) -> None:
    delivery = stored(push())

    def handle(_: int) -> bool:
        try:
            return intake.handle(delivery.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(handle, range(4))) == [False, False, False, True]
    assert Event.objects.count() == len(received) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"\xff\xfe",
        b"[]",
        b'"text"',
        b'{"repository": "acme/greeter"}',
        b'{"repository": {"full_name": 7}}',
        push(workflow_run=[1]),
        push(sender="alice"),
        push(pull_request="7"),
        push(ref={"name": "main"}),
        push(action=["opened"]),
        b"[" * 100_000,
    ],
)
def test_an_unreadable_delivery_is_kept_with_its_problem(
    notifications: Notifications, received: list[WebhookEvent], body: bytes
) -> None:
    delivery = stored(body)
    assert intake.handle(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.handled_at
    assert delivery.problem
    assert delivery.content == body
    assert not received
    assert not Event.objects.exists()
    assert intake.unhandled() == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "event"),
    [
        (push("acme/" + "n" * 500), "push"),
        (push("acme/gree\x00ter"), "push"),
        (push(ref="refs/heads/\x00"), "push"),
        (push(action="o" * 200), "pull_request"),
        (push(ref="refs/heads/\ud800"), "push"),
        (push(), "e" * 300),
    ],
)
def test_a_delivery_that_does_not_fit_into_a_row_is_handled_too(
    notifications: Notifications, received: list[WebhookEvent], body: bytes, event: str
) -> None:
    """It is signed, but the record cannot store it: it must not come back with every sweep."""
    delivery = stored(body, event)
    assert intake.handle(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.handled_at
    assert delivery.problem or Event.objects.exists()


@pytest.mark.django_db
def test_a_delivery_that_does_not_concern_us_is_no_event(
    notifications: Notifications, received: list[WebhookEvent]
) -> None:
    delivery = stored(json.dumps({"zen": "Keep it logically awesome.", "hook_id": 1}).encode(), "ping")
    assert intake.handle(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.problem, received, Event.objects.count()) == ("", [], 0)


@pytest.mark.django_db
def test_a_listener_that_fails_leaves_the_delivery_for_later(
    notifications: Notifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(event: WebhookEvent) -> None:
        raise RuntimeError("not now")

    monkeypatch.setattr(intake, "_listeners", [fail])
    delivery = stored(push())
    with pytest.raises(RuntimeError):
        intake.handle(delivery.pk)
    assert intake.unhandled() == [delivery.pk]
    assert not Event.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["repository", "workflow_run", "member", ""])
def test_the_kind_is_decided_by_the_signed_body(
    notifications: Notifications, received: list[WebhookEvent], kind: str
) -> None:
    """The header that names the kind is not signed: a flipped one records and wakes the same as the true one."""
    intake.handle(stored(push(after="a" * 40), kind).pk)
    assert [(event.type, event.topic) for event in received] == [("github.push", "source:7")]
    assert Event.objects.get().type == "github.push"
