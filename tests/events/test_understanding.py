"""What was stored is understood once, and what cannot be understood is kept with its problem."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from events import intake
from events.models import Delivery, Event
from integrations.webhooks import Heard
from tests.events.conftest import Rings, from_github, from_jira, push


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Heard]:
    """Everything that listeners are told."""
    found: list[Heard] = []
    monkeypatch.setattr(intake, "_listeners", [found.append])
    return found


def stored(body: bytes, event: str = "push") -> Delivery:
    assert from_github(body, event=event).status_code == 202
    return Delivery.objects.latest("pk")


@pytest.mark.django_db
def test_it_becomes_an_event_and_wakes_its_topic(rings: Rings, heard: list[Heard]) -> None:
    row = stored(push("Acme/Greeter", after="a" * 40))
    assert intake.handle(row.pk)
    event = Event.objects.get()
    assert (event.type, event.source, event.subject) == ("github.push", "github", "Acme/Greeter")
    assert event.data == {"sender": "alice", "ref": "refs/heads/main", "after": "a" * 40}
    assert [one.topic for one in heard] == ["source:acme/greeter"]


@pytest.mark.django_db
def test_jira_tells_of_its_tickets(rings: Rings, heard: list[Heard]) -> None:
    from_jira(b'{"webhookEvent":"jira:issue_updated","issue":{"id":"10007","key":"PLAT-7"}}')
    assert intake.handle(Delivery.objects.get().pk)
    assert Event.objects.get().subject == "PLAT-7"
    assert [one.topic for one in heard] == ["issues:10007"]


@pytest.mark.django_db
def test_it_is_handled_once(rings: Rings, heard: list[Heard]) -> None:
    row = stored(push())
    assert [intake.handle(row.pk) for _ in range(3)] == [True, False, False]
    assert Event.objects.count() == len(heard) == 1


@pytest.mark.fault(11, "twice")
@pytest.mark.django_db(transaction=True)
def test_it_is_handled_once_by_workers_at_once(rings: Rings, heard: list[Heard]) -> None:
    row = stored(push())

    def handle(_: int) -> bool:
        try:
            return intake.handle(row.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(handle, range(4))) == [False, False, False, True]
    assert Event.objects.count() == len(heard) == 1


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
def test_what_cannot_be_read_is_kept_with_its_problem(rings: Rings, heard: list[Heard], body: bytes) -> None:
    row = stored(body)
    assert intake.handle(row.pk)
    row.refresh_from_db()
    assert row.handled_at
    assert row.problem
    assert bytes(row.body) == body
    assert not heard
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
        (push(), "e" * 300),
    ],
)
def test_what_no_row_could_hold_ends_too(rings: Rings, heard: list[Heard], body: bytes, event: str) -> None:
    """Signed, and yet nothing that the record can take: it must not come back with every sweep."""
    row = stored(body, event)
    assert intake.handle(row.pk)
    row.refresh_from_db()
    assert row.handled_at
    assert row.problem or Event.objects.exists()


@pytest.mark.django_db
def test_what_is_nothing_to_us_is_no_event(rings: Rings, heard: list[Heard]) -> None:
    row = stored(json.dumps({"zen": "Keep it logically awesome.", "hook_id": 1}).encode(), "ping")
    assert intake.handle(row.pk)
    row.refresh_from_db()
    assert (row.problem, heard, Event.objects.count()) == ("", [], 0)


@pytest.mark.django_db
def test_a_listener_that_fails_leaves_the_delivery_for_later(rings: Rings, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(one: Heard) -> None:
        raise RuntimeError("not now")

    monkeypatch.setattr(intake, "_listeners", [fail])
    row = stored(push())
    with pytest.raises(RuntimeError):
        intake.handle(row.pk)
    assert intake.unhandled() == [row.pk]
    assert not Event.objects.exists()
