"""Webhooks of every receiver, through the door that they come in by, and then handled as a worker does.

A document has the source, the headers and the body. A body is signed as its sender signs it, unless the document has a signature.
"""

import hashlib
import hmac
import json
import os
from typing import Any

from django.conf import settings
from django.test import Client, override_settings

from events import intake
from events.models import Event, WebhookDelivery
from integrations import providers
from portal.embedded import environment
from tests.fuzz.mutation import as_bytes
from tests.fuzz.oracles import short
from tests.fuzz.parser import Document, Parser

SECRET = "sandbox-webhook-secret"
"""Of both tools in the demo's environment."""
SIGNATURES = ("X-Hub-Signature-256", "X-Hub-Signature")
SAMPLES: tuple[tuple[str, dict[str, str], dict[str, Any]], ...] = (
    (
        "github",
        {"X-GitHub-Event": "push", "X-GitHub-Delivery": "1"},
        {
            "ref": "refs/heads/main",
            "after": "0" * 40,
            "repository": {"id": 7, "full_name": "acme/greeter"},
            "sender": {"login": "alice", "id": 1},
        },
    ),
    (
        "github",
        {"X-GitHub-Event": "pull_request", "X-GitHub-Delivery": "2"},
        {
            "action": "closed",
            "repository": {"id": 7, "full_name": "acme/greeter"},
            "pull_request": {"number": 7, "merged": True},
        },
    ),
    (
        "github",
        {"X-GitHub-Event": "workflow_run", "X-GitHub-Delivery": "3"},
        {
            "action": "completed",
            "repository": {"id": 7, "full_name": "acme/greeter"},
            "workflow_run": {"id": 1, "head_sha": "0" * 40, "conclusion": "success"},
        },
    ),
    (
        "jira",
        {"X-Atlassian-Webhook-Identifier": "1"},
        {"webhookEvent": "jira:issue_updated", "issue": {"id": "1", "key": "PLAT-1"}},
    ),
    (
        "jira",
        {"X-Atlassian-Webhook-Identifier": "2"},
        {"webhookEvent": "comment_created", "comment": {"self": "https://jira.example/rest/api/2/issue/1/comment/7"}},
    ),
)


def prepare() -> None:
    """The providers of the demo, none of which answers, and static files from their sources."""
    for name, value in environment.onramp(environment.Ports(1, 2, 3), "unused").items():
        if name.startswith("PORTAL_") and not name.startswith(("PORTAL_SIGNIN", "PORTAL_URL")):
            os.environ[name] = value
    providers.reset()
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    override_settings(STORAGES=settings.STORAGES | {"staticfiles": plain}).enable()


def receive(document: Document) -> None:
    if not isinstance(document, dict):
        return
    source, headers, body = (document.get(key) for key in ("source", "headers", "body"))
    if not isinstance(source, str) or not source.isidentifier() or not isinstance(headers, dict):
        return
    raw = as_bytes(body) if isinstance(body, str) else json.dumps(body).encode()
    signed = "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    sent = dict.fromkeys(SIGNATURES, signed) | {name: header(value) for name, value in headers.items() if is_name(name)}
    response = Client(enforce_csrf_checks=True, raise_request_exception=True).post(
        f"/events/{source}/", raw, content_type="application/json", headers=sent
    )
    assert response.status_code in (202, 400, 401, 404, 413, 503), response.status_code
    for row_id in intake.unhandled():
        assert intake.handle(row_id)
        assert WebhookDelivery.objects.get(pk=row_id).handled_at
    for event in Event.objects.order_by("-id")[:10]:
        short([event.type, event.subject, event.data], 1_000_000)


def header(value: object) -> str:
    """As the web server hands it on: Latin-1, in one line."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode(errors="replace").decode("latin-1").replace("\n", " ").replace("\r", " ")


def is_name(name: str) -> bool:
    return name.isascii() and name.replace("-", "").isalnum() and name.lower() not in ("content-length", "host")


def samples() -> list[Document]:
    return [{"source": source, "headers": headers, "body": body} for source, headers, body in SAMPLES]


PARSERS = [
    Parser(
        "webhooks",
        samples,
        receive,
        (*SIGNATURES, "X-GitHub-Event", "X-GitHub-Delivery", "X-Atlassian-Webhook-Identifier", "github", "jira"),
        database=True,
        prepare=prepare,
    )
]
