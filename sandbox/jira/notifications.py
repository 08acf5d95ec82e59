"""The webhooks that JIRA sends when an issue changes."""

import hashlib
import hmac
import json
import time
import uuid
from typing import Any

from django.db import transaction

from sandbox.jira import payloads
from sandbox.jira.models import Comment, Issue, Webhook
from sandbox.world import webhooks

SOURCE = "jira"
EVENTS = ("jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created")

Change = dict[str, Any]


def change(field: str, before: str, after: str, *, ids: tuple[str, str] = ("", "")) -> Change:
    """One item of a changelog, as `jira:issue_updated` carries it."""
    return {
        "field": field,
        "fieldtype": "jira",
        "from": ids[0] or None,
        "fromString": before or None,
        "to": ids[1] or None,
        "toString": after or None,
    }


def notify(
    event: str, issue: Issue, by: str, *, changes: list[Change] | None = None, comment: Comment | None = None
) -> None:
    """Send the event to every webhook registered for it, after the current transaction is committed."""
    raw = json.dumps(_body(event, issue, by, changes or [], comment)).encode()
    hooks = [hook for hook in Webhook.objects.all() if event in hook.events]
    transaction.on_commit(lambda: _send(hooks, raw))


def _body(event: str, issue: Issue, by: str, changes: list[Change], comment: Comment | None) -> dict[str, Any]:
    body: dict[str, Any] = {"timestamp": int(time.time() * 1000), "webhookEvent": event}
    if event == "comment_created" and comment is not None:  # of Data Center: without the issue
        return body | {"comment": payloads.comment(comment)}
    kind = "issue_commented" if comment else event.removeprefix("jira:")
    kind = "issue_generic" if kind == "issue_updated" else kind
    body |= {"issue_event_type_name": kind, "user": payloads.user(by), "issue": payloads.issue(issue)}
    if changes:
        body["changelog"] = {"id": issue.jira_id, "items": changes}
    if comment:
        body["comment"] = payloads.comment(comment)
    return body


def _send(hooks: list[Webhook], raw: bytes) -> None:
    for hook in hooks:
        headers = {
            "Content-Type": "application/json; charset=UTF-8",
            "User-Agent": "Atlassian HttpClient sandbox / JIRA-10.3.0",
            "X-Atlassian-Webhook-Identifier": str(uuid.uuid4()),
        }
        if hook.secret:
            # WebSub's form: the method and the HMAC of the raw body. https://www.w3.org/TR/websub/#signature-validation
            headers["X-Hub-Signature"] = f"sha256={hmac.new(hook.secret.encode(), raw, hashlib.sha256).hexdigest()}"
        webhooks.deliver_soon(SOURCE, hook.url, headers, raw)
