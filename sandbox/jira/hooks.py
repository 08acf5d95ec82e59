"""JIRA's webhooks: who wants to hear what, and the messages that tell them."""

import hashlib
import hmac
import json
import time
import uuid
from typing import Any

from django.db import transaction

from sandbox.jira import describe
from sandbox.jira.describe import FIRST_ID
from sandbox.jira.models import Comment, Issue, Webhook
from sandbox.world import webhooks

SOURCE = "jira"
EVENTS = ("jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created")

Change = dict[str, Any]


def change(field: str, before: str, after: str, *, ids: tuple[str, str] = ("", "")) -> Change:
    """One line of a changelog, as `jira:issue_updated` carries it."""
    return {
        "field": field,
        "fieldtype": "jira",
        "from": ids[0] or None,
        "fromString": before or None,
        "to": ids[1] or None,
        "toString": after or None,
    }


def tell(
    event: str, issue: Issue, by: str, *, changes: list[Change] | None = None, note: Comment | None = None
) -> None:
    """Send the event to everybody registered for it, once the transaction under way is through."""
    body: dict[str, Any] = {"timestamp": int(time.time() * 1000), "webhookEvent": event}
    if event == "comment_created" and note is not None:
        brief = ("summary", "issuetype", "project", "assignee", "status")
        body |= {"comment": describe.comment(note), "issue": describe.issue(issue, brief)}
    else:
        kind = "issue_commented" if note else event.removeprefix("jira:")
        kind = "issue_generic" if kind == "issue_updated" else kind
        body |= {"issue_event_type_name": kind, "user": describe.user(by), "issue": describe.issue(issue)}
        if changes:
            body["changelog"] = {"id": str(FIRST_ID + issue.id), "items": changes}
        if note:
            body["comment"] = describe.comment(note)
    raw = json.dumps(body).encode()
    interested = [hook for hook in Webhook.objects.all() if event in hook.events]
    transaction.on_commit(lambda: _send(interested, raw))


def _send(interested: list[Webhook], raw: bytes) -> None:
    for hook in interested:
        headers = {
            "Content-Type": "application/json; charset=UTF-8",
            "User-Agent": "Atlassian HttpClient sandbox / JIRA-10.3.0",
            "X-Atlassian-Webhook-Identifier": str(uuid.uuid4()),
        }
        if hook.secret:
            # WebSub's form: the method and the HMAC of the raw body. https://www.w3.org/TR/websub/#signature-validation
            headers["X-Hub-Signature"] = f"sha256={hmac.new(hook.secret.encode(), raw, hashlib.sha256).hexdigest()}"
        webhooks.deliver_soon(SOURCE, hook.url, headers, raw)
