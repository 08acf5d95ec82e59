"""GitHub's webhooks, verified and translated.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from integrations.source.github_answers import Account
from integrations.webhooks import BadSignature, Unreadable, WebhookEvent, require_signature

EVENTS = ["push", "pull_request", "workflow_run", "repository"]


class _Repository(BaseModel):
    id: int
    full_name: str


class _PullRequest(BaseModel):
    number: int | None = None
    merged: bool | None = None


class _WorkflowRun(BaseModel):
    id: int | None = None
    head_sha: str | None = None
    conclusion: str | None = None


class _Delivery(BaseModel):
    """The fields of a delivery that are used; its bytes are stored as they came."""

    action: str = ""
    repository: _Repository | None = None
    sender: Account | None = None
    ref: str | None = None
    after: str | None = None
    pull_request: _PullRequest | None = None
    workflow_run: _WorkflowRun | None = None


def admit(headers: Mapping[str, str]) -> None:
    """Raises BadSignature."""
    require_signature(headers, "X-Hub-Signature-256")
    if not headers.get("x-github-delivery"):
        raise BadSignature("X-GitHub-Delivery is missing")


def verify(secret: SecretStr, headers: Mapping[str, str], body: bytes) -> str:
    """The delivery's id, which is not signed. Raises BadSignature."""
    admit(headers)
    expected = "sha256=" + hmac.new(secret.get_secret_value().encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), headers.get("x-hub-signature-256", "").encode()):
        raise BadSignature("X-Hub-Signature-256 does not match")
    return headers["x-github-delivery"]


def translate(body: bytes) -> list[WebhookEvent]:
    """Empty for a delivery that is not about a repository. Raises Unreadable."""
    try:
        delivery = _Delivery.model_validate_json(body)
    except ValidationError as error:
        raise Unreadable(str(error)) from error
    if delivery.repository is None:
        return []
    name = delivery.repository.full_name
    kind = ".".join(part for part in ("github", _kind(delivery), delivery.action) if part)
    return [WebhookEvent(type=kind, subject=name, topic=f"source:{delivery.repository.id}", data=_facts(delivery))]


def _kind(delivery: _Delivery) -> str:
    """By the body: the header X-GitHub-Event is not signed, so a person who repeats a delivery could name another."""
    if delivery.workflow_run:
        return "workflow_run"
    if delivery.pull_request:
        return "pull_request"
    return "push" if delivery.ref else "repository"


def _facts(delivery: _Delivery) -> dict[str, Any]:
    """The few facts that the event log keeps."""
    run, pull = delivery.workflow_run or _WorkflowRun(), delivery.pull_request or _PullRequest()
    facts = {
        "sender": delivery.sender.login if delivery.sender else None,
        "ref": delivery.ref,
        "after": delivery.after,
        "pull": pull.number,
        "merged": pull.merged,
        "run": run.id,
        "head": run.head_sha,
        "conclusion": run.conclusion,
    }
    return {name: value for name, value in facts.items() if value is not None}
