"""JIRA's webhooks, verified and translated. https://developer.atlassian.com/server/jira/platform/webhooks/"""

import hashlib
import hmac
from collections.abc import Mapping

from pydantic import BaseModel, Field, SecretStr, ValidationError

from integrations.issues.jira_answers import IssueReference
from integrations.webhooks import BadSignature, Unreadable, WebhookEvent, require_signature

EVENTS = ["jira:issue_updated", "jira:issue_deleted", "comment_created"]


class _Delivery(BaseModel):
    event: str = Field(alias="webhookEvent")
    issue: IssueReference | None = None


def admit(headers: Mapping[str, str]) -> None:
    """Raises BadSignature."""
    require_signature(headers, "X-Hub-Signature")


def verify(secret: SecretStr, headers: Mapping[str, str], body: bytes) -> str:
    """The delivery's id, or a hash of a body without one. Raises BadSignature, always if no secret is configured."""
    key = secret.get_secret_value()
    expected = "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    if not key or not hmac.compare_digest(expected.encode(), headers.get("x-hub-signature", "").encode()):
        raise BadSignature("X-Hub-Signature does not match")
    return headers.get("x-atlassian-webhook-identifier") or hashlib.sha256(body).hexdigest()


def translate(body: bytes) -> list[WebhookEvent]:
    """Empty for a delivery that is not about an issue. Raises Unreadable."""
    try:
        delivery = _Delivery.model_validate_json(body)
    except ValidationError as error:
        raise Unreadable(str(error)) from error
    if delivery.issue is None:
        return []
    issue, kind = delivery.issue, delivery.event.removeprefix("jira:")
    data = {"id": issue.id, "key": issue.key}
    return [WebhookEvent(type=f"jira.{kind}", subject=issue.key, topic=f"issues:{issue.id}", data=data)]
