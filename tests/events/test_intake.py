"""A delivery is verified over its raw bytes, stored once, and answered before it is translated."""

from io import BytesIO

import pytest
from django.test import Client, RequestFactory

from events import intake, views
from events.models import Event, WebhookDelivery
from tests.events.conftest import Notifications, from_github, from_jira, post, push, signature

pytestmark = pytest.mark.django_db


def test_a_verified_delivery_is_stored_as_it_came_and_notified_of(notifications: Notifications) -> None:
    body = push()
    assert from_github(body, delivery="d-1").status_code == 202
    row = WebhookDelivery.objects.get()
    assert (row.source, row.delivery_id, row.content, row.handled_at) == ("github", "d-1", body, None)
    assert row.headers["x-github-event"] == "push"
    assert "x-hub-signature-256" not in row.headers
    assert notifications == [("events", row.pk)]
    assert not Event.objects.exists(), "it is answered first and translated afterwards"


def test_the_signature_is_over_the_raw_bytes(notifications: Notifications) -> None:
    compact = push().replace(b"\n", b"")
    assert from_github(compact, X_Hub_Signature_256=signature(push())).status_code == 401
    assert from_github(compact).status_code == 202


@pytest.mark.fault(11, "forged")
@pytest.mark.parametrize(
    "forged",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        signature(push(), "another secret"),
        signature(push()).removeprefix("sha256="),
        signature(push()).upper(),
        "sha1=" + "0" * 40,
        "sha256=\u00e9",
    ],
)
def test_a_forged_delivery_stores_nothing(notifications: Notifications, forged: str) -> None:
    answer = from_github(push(), X_Hub_Signature_256=forged)
    assert answer.status_code == 401
    assert not WebhookDelivery.objects.exists()
    assert not notifications
    assert b"sandbox-webhook-secret" not in answer.content


def test_a_delivery_without_its_id_is_refused(notifications: Notifications) -> None:
    assert from_github(push(), X_GitHub_Delivery="").status_code == 401
    assert not WebhookDelivery.objects.exists()


@pytest.mark.fault(11, "forged")
def test_a_delivery_from_jira_needs_jiras_signature(notifications: Notifications) -> None:
    body = b'{"webhookEvent":"jira:issue_updated","issue":{"id":"7","key":"PLAT-7"}}'
    assert from_jira(body, signed="sha256=\u00e9").status_code == 401
    assert from_jira(body, signed=signature(body, "another")).status_code == 401
    assert post("jira", body, {"X-Hub-Signature-256": signature(body)}).status_code == 401
    assert from_jira(body, delivery="w-1").status_code == 202
    assert WebhookDelivery.objects.get().delivery_id == "w-1"


@pytest.mark.fault(11, "twice", "replayed")
def test_a_repeated_delivery_is_stored_once(notifications: Notifications) -> None:
    assert [from_github(push(), delivery="d-1").status_code for _ in range(3)] == [202] * 3
    assert WebhookDelivery.objects.count() == len(notifications) == 1


def test_the_same_id_from_two_sources_names_two_deliveries(notifications: Notifications) -> None:
    from_github(push(), delivery="7")
    from_jira(b'{"webhookEvent":"x"}', delivery="7")
    assert WebhookDelivery.objects.count() == 2


@pytest.mark.parametrize("source", ["gitlab", "kubernetes", "githubb"])
def test_a_source_that_is_not_configured_is_not_found(notifications: Notifications, source: str) -> None:
    answer = post(source, push(), {"X-Hub-Signature-256": signature(push()), "X-GitHub-Delivery": "1"})
    assert answer.status_code == 404
    assert not WebhookDelivery.objects.exists()


def test_a_source_whose_provider_has_no_options_is_not_found(
    notifications: Notifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("URL", "TOKEN", "WEBHOOK_SECRET"):
        monkeypatch.delenv(f"PORTAL_ISSUES_JIRA_{name}")
    assert from_jira(b"{}").status_code == 404


def test_a_source_whose_provider_lacks_an_option_is_not_found(
    notifications: Notifications, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PORTAL_ISSUES_JIRA_TOKEN")
    assert from_jira(b"{}").status_code == 404


def test_a_body_that_is_too_large_is_not_read(notifications: Notifications) -> None:
    answer = from_github(b" " * (intake.LIMIT + 1))
    assert answer.status_code == 413
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize("length", ["", "-1", "many", "\u00b2", "1e3"])
def test_a_request_without_a_valid_length_is_refused(notifications: Notifications, length: str) -> None:
    headers = {"X-Hub-Signature-256": signature(push()), "X-GitHub-Delivery": "1"}
    answer = Client().post(
        "/events/github/", push(), content_type="application/json", headers=headers, CONTENT_LENGTH=length
    )
    assert answer.status_code == 413


def test_only_post_requests_are_accepted(notifications: Notifications) -> None:
    assert Client().get("/events/github/").status_code == 405


class Unread(BytesIO):
    """A body that must not be read."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise AssertionError("the body was read")


@pytest.mark.parametrize(
    ("source", "headers", "status"),
    [
        ("gitlab", {"HTTP_X_HUB_SIGNATURE_256": signature(b"")}, 404),
        ("github", {}, 401),
        ("github", {"HTTP_X_HUB_SIGNATURE_256": "sha256=0"}, 401),
        ("github", {"HTTP_X_HUB_SIGNATURE_256": signature(b"")}, 401),
        ("jira", {"HTTP_X_HUB_SIGNATURE": "sha1=0"}, 401),
        ("jira", {"HTTP_X_HUB_SIGNATURE": signature(b""), "CONTENT_LENGTH": str(intake.LIMIT + 1)}, 413),
    ],
)
def test_source_signature_and_length_are_checked_before_the_body_is_read(
    source: str, headers: dict[str, str], status: int
) -> None:
    request = RequestFactory().post(f"/events/{source}/", b"", content_type="application/json")
    request.META |= headers
    request._stream = Unread()
    assert views.webhook(request, source).status_code == status


def test_few_large_bodies_are_read_at_once(notifications: Notifications) -> None:
    large = push(padding="x" * views.LARGE)
    with views._place(len(large)), views._place(len(large)):
        answer = from_github(large)
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
        assert from_github(push()).status_code == 202
    assert from_github(large).status_code == 202
