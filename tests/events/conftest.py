"""Webhooks in tests: signed as their senders sign them, with a notifier that only keeps its notifications."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from events import notifier
from integrations import providers
from portal.embedded import environment

SECRET = "sandbox-webhook-secret"
Notifications = list[tuple[str, int]]
"""(queue, id of the row) of each notification."""


@pytest.fixture(autouse=True)
def _configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The providers that send webhooks in the demo. Nothing here calls them."""
    for name, value in environment.onramp(environment.Ports(1, 2, 3), "unused").items():
        if name.startswith(("PORTAL_SOURCE_", "PORTAL_ISSUES_JIRA_")):
            monkeypatch.setenv(name, value)
    providers.reset()
    yield
    providers.reset()


@pytest.fixture
def notifications(monkeypatch: pytest.MonkeyPatch) -> Notifications:
    """Every notification of a delivery; the thread that sends them to the broker is not started."""
    notifications: Notifications = []
    monkeypatch.setattr(notifier, "notify", lambda queue, row_id: notifications.append((queue, row_id)))
    return notifications


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def push(repository: str = "acme/greeter", number: int = 7, **more: Any) -> bytes:
    """The body of GitHub's push event; `more` adds or replaces fields."""
    fields = {
        "ref": "refs/heads/main",
        "repository": {"id": number, "full_name": repository},
        "sender": {"id": 1, "login": "alice"},
    }
    return json.dumps(fields | more, indent=1).encode()


def from_github(body: bytes, *, delivery: str = "", event: str = "push", **headers: str) -> HttpResponse:
    """What GitHub posts; a header that is given as an empty text is left out."""
    sent = {
        "X-Hub-Signature-256": signature(body),
        "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
        "X-GitHub-Event": event,
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    return post("github", body, {name: value for name, value in sent.items() if value})


def from_jira(body: bytes, *, delivery: str = "", signed: str = "") -> HttpResponse:
    """What Jira posts, signed correctly unless `signed` replaces the signature."""
    headers = {"X-Hub-Signature": signed or signature(body)}
    if delivery:
        headers["X-Atlassian-Webhook-Identifier"] = delivery
    return post("jira", body, headers)


def post(source: str, body: bytes, headers: dict[str, str]) -> HttpResponse:
    client = Client(enforce_csrf_checks=True)
    return client.post(  # type: ignore[return-value]
        f"/events/{source}/", body, content_type="application/json", headers=headers
    )
