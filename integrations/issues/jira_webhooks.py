"""JIRA's webhooks, verified and translated. https://developer.atlassian.com/server/jira/platform/webhooks/"""

import hashlib
import hmac
from collections.abc import Mapping

from pydantic import BaseModel, Field, SecretStr, ValidationError

import patterns
from integrations.issues.jira_answers import IssueReference
from integrations.webhooks import BadSignature, Unreadable, WebhookEvent, require_signature

EVENTS = ["jira:issue_updated", "jira:issue_deleted", "comment_created"]


LONGEST_ADDRESS = 2_000
_ISSUE_OF_COMMENT = patterns.compile(r"/issue/([0-9]{1,18})/comment/")


class _Comment(BaseModel):
    address: str | None = Field(default=None, alias="self")

    @property
    def issue(self) -> str:
        """The id in the comment's address: Data Center sends a new comment without its issue."""
        match = _ISSUE_OF_COMMENT.search((self.address or "")[:LONGEST_ADDRESS])
        return str(match[1]) if match else ""


class _Delivery(BaseModel):
    event: str = Field(alias="webhookEvent")
    issue: IssueReference | None = None
    comment: _Comment | None = None


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
    kind = delivery.event.removeprefix("jira:")
    if delivery.issue is not None:
        issue = delivery.issue
        data = {"id": issue.id, "key": issue.key}
        return [WebhookEvent(type=f"jira.{kind}", subject=issue.key, topic=f"issues:{issue.id}", data=data)]
    number = delivery.comment.issue if delivery.comment is not None else ""
    if not number:
        return []
    return [WebhookEvent(type=f"jira.{kind}", subject=number, topic=f"issues:{number}", data={"id": number})]
