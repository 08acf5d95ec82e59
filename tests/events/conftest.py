"""Webhooks in tests: signed as their senders sign them, with a bell that only notes who was rung for."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from events import bell
from integrations import providers
from portal.embedded import environment

SECRET = "sandbox-webhook-secret"
Rings = list[tuple[str, int]]


@pytest.fixture(autouse=True)
def _configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The sources that the demo listens to; nobody is asked for anything here."""
    for name, value in environment.onramp(environment.Ports(1, 2, 3), "unused").items():
        if name.startswith(("PORTAL_SOURCE_", "PORTAL_ISSUES_JIRA_")):
            monkeypatch.setenv(name, value)
    providers.provider.cache_clear()
    yield
    providers.provider.cache_clear()


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> Rings:
    """Who was rung for: the thread that carries rings to the broker is not started."""
    rung: Rings = []
    monkeypatch.setattr(bell, "ring", lambda lane, pk: rung.append((lane, pk)))
    return rung


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def push(repository: str = "acme/greeter", **more: Any) -> bytes:
    """A push as GitHub tells of it, to the letter of its blanks."""
    said = {"ref": "refs/heads/main", "repository": {"full_name": repository}, "sender": {"login": "alice"}}
    return json.dumps(said | more, indent=1).encode()


def from_github(body: bytes, *, delivery: str = "", event: str = "push", **headers: str) -> HttpResponse:
    """What GitHub posts; a header given as an empty text is left out."""
    given = {
        "X-Hub-Signature-256": signature(body),
        "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
        "X-GitHub-Event": event,
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    return post("github", body, {name: value for name, value in given.items() if value})


def from_jira(body: bytes, *, delivery: str = "", signed: str = "") -> HttpResponse:
    headers = {"X-Hub-Signature": signed or signature(body)}
    if delivery:
        headers["X-Atlassian-Webhook-Identifier"] = delivery
    return post("jira", body, headers)


def post(source: str, body: bytes, headers: dict[str, str]) -> HttpResponse:
    client = Client(enforce_csrf_checks=True)
    return client.post(  # type: ignore[return-value]
        f"/events/{source}/", body, content_type="application/json", headers=headers
    )
