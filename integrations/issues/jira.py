"""JIRA, Cloud and Data Center, by its REST API v2. https://developer.atlassian.com/server/jira/platform/rest/

Only `statusCategory.key` is relied on, because names of statuses are translated. The mark of a ticket is a label,
which JIRA sets in the same request that creates the ticket.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import requests
from jira import JIRA, JIRAError
from pydantic import BaseModel, Field, SecretStr, ValidationError

from integrations import http
from integrations.errors import Conflict, Invalid, Missing, Transient, from_status
from integrations.issues import Category, Comment, Ticket
from integrations.issues.jira_answers import (
    Created,
    FoundIssues,
    FoundWebhooks,
    SeenComment,
    SeenIssue,
    SeenTransition,
    WebhookBody,
)
from integrations.webhooks import Forged, Heard, Unreadable

PROVIDER = "jira"
FIELDS = "summary,project,status,resolution,resolutiondate,statuscategorychangedate,updated"
MOST_FOUND = 50
HOOK_EVENTS = ["jira:issue_updated", "jira:issue_deleted", "comment_created"]


class Options(BaseModel):
    """PORTAL_ISSUES_JIRA_…"""

    url: str = Field(description="address of JIRA, with its context path")
    token: SecretStr = Field(description="personal access token; with a user its API token (Cloud)")
    user: str = Field(default="", description="e-mail address of the account, for Cloud only")
    webhook_secret: SecretStr = Field(default=SecretStr(""), description="what the webhooks are signed with")
    issue_type: str = "Task"
    close_transition: str = Field(
        default="", description="name of the transition that closes; otherwise the first to done"
    )
    declined: str = Field(
        default="won't do,won't fix,declined,rejected", description="resolutions that mean we will not"
    )


class Jira:
    """One JIRA with one account."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.declined = {name.strip().lower() for name in options.declined.split(",")}
        self._client: JIRA = _client(options)

    def ready(self) -> None:
        with _answers():
            self._client.myself()

    def read(self, key_or_id: str) -> Ticket | None:
        try:
            with _answers():
                seen = SeenIssue.model_validate(self._client.issue(key_or_id, fields=FIELDS).raw)
        except Missing:
            return None
        return self._ticket(seen, asked=key_or_id)

    def find(self, mark: str) -> list[Ticket]:
        query = f'labels = "{_label(mark)}" ORDER BY created ASC'
        with _answers():
            found = self._client.search_issues(query, maxResults=MOST_FOUND, fields=FIELDS, json_result=True)
            issues = FoundIssues.model_validate(found).issues
        return [self._ticket(one) for one in sorted(issues, key=lambda one: int(one.id))]

    def comments(self, id: str, since: datetime | None = None) -> list[Comment]:
        with _answers():
            seen = [SeenComment.model_validate(one.raw) for one in self._client.comments(id)]
        said = [Comment(one.id, one.author.display_name if one.author else "", one.body, one.created) for one in seen]
        return [one for one in said if since is None or one.at > since]

    def create(
        self, *, project: str, summary: str, body: str, labels: Sequence[str] = (), mark: str, type: str = ""
    ) -> Ticket:
        fields = {
            "project": {"key": project},
            "issuetype": {"name": type or self.options.issue_type},
            "summary": summary,
            "description": body,
            "labels": [_label(one) for one in (*labels, mark)],
        }
        with _answers():
            made = Created.model_validate(self._client.create_issue(fields=fields, prefetch=False).raw)
        return Ticket(made.id, made.key, self._url(made.key), project, summary, Category.NEW, "", False, None)

    def comment(self, id: str, text: str) -> str:
        with _answers():
            return SeenComment.model_validate(self._client.add_comment(id, text).raw).id

    def close(self, id: str, comment: str = "") -> None:
        ticket = self.read(id)
        if ticket is None:
            raise Missing(PROVIDER, f"The ticket {id} is gone")
        if ticket.done:
            return
        with _answers():
            self._client.transition_issue(id, self._closing(ticket), comment=comment or None)

    def link(self, id: str, url: str, title: str, mark: str) -> None:
        """Not the library's own `add_remote_link`, which first lists application links, as only administrators may."""
        content = {"globalId": mark, "object": {"url": url, "title": title}}
        with _answers():
            self._client._session.post(self._client._get_url(f"issue/{id}/remotelink"), data=json.dumps(content))

    def ensure_webhook(self, url: str) -> None:
        """Have JIRA tell us of issues at this address; needs an administrator's account. May be repeated.

        https://developer.atlassian.com/server/jira/platform/webhooks/
        """
        address = f"{self.options.url.rstrip('/')}/rest/webhooks/1.0/webhook"
        with _answers():
            known = FoundWebhooks.model_validate(http.json_of(PROVIDER, self._client._session.get(address))).root
            if any(one.url == url for one in known):
                return
            secret = self.options.webhook_secret.get_secret_value()
            hook = {"name": "Onramp", "url": url, "events": HOOK_EVENTS, "secret": secret}
            self._client._session.post(address, data=json.dumps(hook))

    def verify(self, headers: Mapping[str, str], body: bytes) -> str:
        secret = self.options.webhook_secret.get_secret_value()
        expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        if not secret or not hmac.compare_digest(expected.encode(), headers.get("x-hub-signature", "").encode()):
            raise Forged("X-Hub-Signature does not match")
        return headers.get("x-atlassian-webhook-identifier") or hashlib.sha256(body).hexdigest()

    def translate(self, headers: Mapping[str, str], body: bytes) -> list[Heard]:
        try:
            seen = WebhookBody.model_validate_json(body)
        except ValidationError as error:
            raise Unreadable(str(error)) from error
        if seen.issue is None:
            return []
        kind = seen.event.removeprefix("jira:")
        data: dict[str, Any] = {"id": seen.issue.id, "key": seen.issue.key}
        return [Heard(type=f"jira.{kind}", subject=seen.issue.key, topic=f"issues:{seen.issue.id}", data=data)]

    def _closing(self, ticket: Ticket) -> str:
        """The number of the transition to take."""
        offered = [SeenTransition.model_validate(one) for one in self._client.transitions(ticket.id)]
        fitting = [one for one in offered if one.to.category.key is Category.DONE]
        wanted = self.options.close_transition.lower()
        chosen = next((one for one in fitting if one.name.lower() == wanted), None) or next(iter(fitting), None)
        if chosen is None:
            names = ", ".join(one.name for one in offered) or "none"
            raise Conflict(PROVIDER, f"{ticket.key} cannot be closed from where it is", detail=f"transitions: {names}")
        return chosen.id

    def _ticket(self, seen: SeenIssue, asked: str = "") -> Ticket:
        fields, category = seen.fields, seen.fields.status.category.key
        resolution = fields.resolution.name if fields.resolution else ""
        became_done = fields.resolved or fields.category_changed
        return Ticket(
            id=seen.id,
            key=seen.key,
            url=self._url(seen.key),
            project=fields.project.key,
            summary=fields.summary,
            category=category,
            resolution=resolution,
            declined=resolution.lower().replace("\u2019", "'") in self.declined,
            changed=became_done if category is Category.DONE else fields.updated,
            moved=bool(asked) and asked not in (seen.id, seen.key),
        )

    def _url(self, key: str) -> str:
        return f"{self.options.url.rstrip('/')}/browse/{key}"


def _client(options: Options) -> JIRA:
    """The library as a thin shell: no request on construction, none repeated, our adapters below its session."""
    token = options.token.get_secret_value()
    access: dict[str, Any] = {"basic_auth": (options.user, token)} if options.user else {"token_auth": token}
    client = JIRA(options.url, get_server_info=False, max_retries=0, timeout=http.TIMEOUT, **access)
    session = client._session
    session.trust_env = False
    session.max_redirects = 3
    for scheme in ("http://", "https://"):
        session.mount(scheme, http.BoundedAdapter(PROVIDER))
    return client


def _label(text: str) -> str:
    """A label holds no blanks. Raises ValueError: such a mark is our own mistake."""
    if not text or set(text) & set(' "\\'):
        raise ValueError(f"{text!r} is no label")
    return text


@contextmanager
def _answers() -> Iterator[None]:
    """Everything that the library or an answer may do wrong, as our errors."""
    try:
        yield
    except JIRAError as error:
        raise _refusal(error) from error
    except ValidationError as error:
        raise Invalid(PROVIDER, "answered something we do not understand", detail=str(error)[:1000]) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # the library reads answers without looking
        raise Invalid(PROVIDER, "answered something we do not understand", detail=repr(error)[:1000]) from error
    except requests.RequestException as error:
        raise Transient(PROVIDER, "the connection failed", detail=str(error)[:1000]) from error


def _refusal(error: JIRAError) -> Exception:
    response = error.response
    text = error.text or "no message"
    if response is None or not error.status_code:
        return Transient(PROVIDER, text)
    headers: Mapping[str, str] = response.headers
    return from_status(PROVIDER, error.status_code, text[:300], headers, detail=response.text[:1000])
