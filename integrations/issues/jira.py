"""JIRA Cloud, by its REST API v3, and Data Center, by its REST API v2.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/
https://developer.atlassian.com/server/jira/platform/rest/

Cloud takes documents instead of wiki markup, and its search has an address and pages of its own.

Only `statusCategory.key` is relied on, because names of statuses are translated. A ticket's marker is a label, which JIRA
sets in the same request that creates the ticket.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, SecretStr

from integrations import http
from integrations.errors import Conflict, Denied, Missing
from integrations.issues import CAPABILITY, Category, Comment, Ticket, jira_document, jira_text, jira_webhooks
from integrations.issues import jira_answers as answers
from integrations.issues.jira_client import PROVIDER, client, translated_errors
from integrations.webhooks import WebhookEvent

FIELDS = "summary,project,status,resolution,resolutiondate,statuscategorychangedate,updated"
MAX_FOUND = 50
MAX_PAGES = 30
COMMENTS_ASKED = 100

DELETED = "Issue Does Not Exist"
"""Data Center's words. Cloud answers the same to what was deleted and what is hidden."""


class Options(BaseModel):
    """PORTAL_ISSUES_JIRA_…"""

    url: str = Field(description="address of JIRA, with its context path")
    token: SecretStr = Field(description="personal access token; with a user, its API token (Cloud)")
    user: str = Field(default="", description="e-mail address of the account, for Cloud only")
    webhook_secret: SecretStr = Field(default=SecretStr(""), description="the secret that webhooks are signed with")
    issue_type: str = "Task"
    close_transition: str = Field(
        default="", description="name of the transition that closes; otherwise the first one to done"
    )
    declined: str = Field(
        default="won't do,won't fix,declined,rejected", description="resolutions that mean we will not"
    )


class Jira:
    """Implements `integrations.issues.Issues` and `integrations.webhooks.WebhookReceiver`."""

    name = PROVIDER
    kept_headers = ("x-atlassian-",)

    def __init__(self, options: Options) -> None:
        self.options = options
        self.declined = {name.strip().lower() for name in options.declined.split(",")}
        self.is_cloud = bool(options.user)
        self._client = client(options.url, options.user, options.token)

    def ready(self) -> None:
        with translated_errors():
            answers.Myself.model_validate(self._client.myself())
        self.find("onramp-ready")

    def read(self, key_or_id: str) -> Ticket | None:
        try:
            with translated_errors():
                issue = answers.Issue.model_validate(self._client.issue(key_or_id, fields=FIELDS).raw)
        except Missing as error:
            if DELETED in error.detail:
                return None
            with translated_errors():  # expired credentials see nothing either
                answers.Myself.model_validate(self._client.myself())
            raise Denied(PROVIDER, f"{key_or_id} was deleted, or is hidden from Onramp", detail=error.detail) from error
        return self._ticket(issue, moved=key_or_id not in (issue.id, issue.key))

    def find(self, marker: str) -> list[Ticket]:
        query = f'labels = "{_label(marker)}" ORDER BY created ASC'
        with translated_errors():
            issues = self._search_cloud(query) if self.is_cloud else self._search(query)
            return [self._ticket(issue) for issue in sorted(issues, key=lambda issue: int(issue.id))]

    def _search(self, query: str) -> list[answers.Issue]:
        parameters = {"jql": query, "fields": FIELDS, "maxResults": MAX_FOUND}
        return answers.SearchResult.model_validate(self._client._get_json("search", parameters)).issues

    def _search_cloud(self, query: str) -> list[answers.Issue]:
        """A page may be short or empty without being the last."""
        issues: list[answers.Issue] = []
        parameters = {"jql": query, "fields": FIELDS, "maxResults": MAX_FOUND}
        for _ in range(MAX_PAGES):
            page = answers.SearchResult.model_validate(self._client._get_json("search/jql", parameters))
            issues += page.issues
            if page.is_last or not page.next_token or len(issues) >= MAX_FOUND:
                break
            parameters["nextPageToken"] = page.next_token
        return issues

    def comments(self, id: str, since: datetime | None = None) -> list[Comment]:
        comments: dict[str, Comment] = {}  # one that arrives meanwhile moves another to the next page
        start = 0
        with translated_errors():
            for _ in range(MAX_PAGES):
                parameters = {"orderBy": "-created", "startAt": start, "maxResults": COMMENTS_ASKED}
                answer = answers.Comments.model_validate(self._client._get_json(f"issue/{id}/comment", parameters))
                page = [_comment(comment) for comment in answer.comments]
                comments |= {comment.id: comment for comment in page}
                start += len(page)
                if not page or start >= answer.total or (since and page[0].at > page[-1].at and page[-1].at <= since):
                    break
        in_order = sorted(comments.values(), key=lambda comment: (comment.at, len(comment.id), comment.id))
        return [comment for comment in in_order if since is None or comment.at > since]

    def create(
        self, *, project: str, summary: str, body: str, labels: Sequence[str] = (), marker: str, type: str = ""
    ) -> Ticket:
        fields = {
            "project": {"key": project},
            "issuetype": {"name": type or self.options.issue_type},
            "summary": summary,
            "description": self._written(body),
            "labels": [_label(label) for label in (*labels, marker)],
        }
        with translated_errors():
            issue = self._client.create_issue(fields=fields, prefetch=False)
            created = answers.IssueReference.model_validate(issue.raw)
        return Ticket(
            id=created.id,
            key=created.key,
            url=self._url(created.key),
            project=project,
            summary=summary,
            category=Category.NEW,
            resolution="",
            declined=False,
            changed=None,
        )

    def comment(self, id: str, text: str) -> str:
        with translated_errors():
            return answers.IssueComment.model_validate(self._client.add_comment(id, self._written(text)).raw).id

    def close(self, id: str, comment: str = "") -> None:
        ticket = self.read(id)
        if ticket is None:
            raise Missing(PROVIDER, f"the ticket {id} no longer exists")
        if ticket.done:
            return
        with translated_errors():
            text = self._written(comment) if comment else None
            self._client.transition_issue(id, self._closing_transition(ticket), comment=text)

    def link(self, id: str, url: str, title: str, marker: str) -> None:
        """Without the library's `add_remote_link`: it first lists application links, which only administrators can."""
        content = {"globalId": marker, "object": {"url": url, "title": title}}
        with translated_errors():
            self._client._session.post(self._client._get_url(f"issue/{id}/remotelink"), data=json.dumps(content))

    def ensure_webhook(self, url: str) -> None:
        """Needs an administrator's account. https://developer.atlassian.com/server/jira/platform/webhooks/"""
        address = f"{self.options.url.rstrip('/')}/rest/webhooks/1.0/webhook"
        with translated_errors():
            answer = http.json_of(PROVIDER, self._client._session.get(address))
            webhooks = answers.Webhooks.model_validate(answer).root
            if any(webhook.url == url for webhook in webhooks):
                return
            secret = self.options.webhook_secret.get_secret_value()
            webhook = {"name": "Onramp", "url": url, "events": jira_webhooks.EVENTS, "secret": secret}
            self._client._session.post(address, data=json.dumps(webhook))

    def admit(self, headers: Mapping[str, str]) -> None:
        jira_webhooks.admit(headers)

    def verify(self, headers: Mapping[str, str], body: bytes) -> str:
        return jira_webhooks.verify(self.options.webhook_secret, headers, body)

    def translate(self, headers: Mapping[str, str], body: bytes) -> list[WebhookEvent]:
        return jira_webhooks.translate(body)

    def _written(self, text: str) -> Any:
        """As JIRA takes it. The library passes a document on as it is."""
        return jira_document.document(text) if self.is_cloud else jira_text.inert(text)

    def _closing_transition(self, ticket: Ticket) -> str:
        """The id of the transition to a status of category *done*. Raises Conflict if there is none."""
        transitions = [answers.Transition.model_validate(item) for item in self._client.transitions(ticket.id)]
        closing = [transition for transition in transitions if transition.to.category.key is Category.DONE]
        if not closing:
            names = ", ".join(transition.name for transition in transitions) or "none"
            message = f"{ticket.key} cannot be closed from its current status"
            raise Conflict(PROVIDER, message, detail=f"transitions: {names}")
        preferred = self.options.close_transition.lower()
        return next((transition for transition in closing if transition.name.lower() == preferred), closing[0]).id

    def _ticket(self, issue: answers.Issue, moved: bool = False) -> Ticket:
        fields, category = issue.fields, issue.fields.status.category.key
        resolution = fields.resolution.name if fields.resolution else ""
        done_at = fields.resolved or fields.category_changed
        return Ticket(
            id=issue.id,
            key=issue.key,
            url=self._url(issue.key),
            project=fields.project.key,
            summary=fields.summary,
            category=category,
            resolution=resolution,
            declined=resolution.lower().replace("\u2019", "'") in self.declined,
            changed=done_at if category is Category.DONE else fields.updated,
            moved=moved,
        )

    def _url(self, key: str) -> str:
        return f"{self.options.url.rstrip('/')}/browse/{key}"


def _comment(comment: answers.IssueComment) -> Comment:
    author, body = comment.author.display_name if comment.author else "", comment.body
    text = jira_text.plain(body) if isinstance(body, str) else jira_document.plain(body)
    return Comment(comment.id, author, text, comment.created)


def _label(text: str) -> str:
    """A label cannot contain blanks. Raises ValueError, because such a marker is a mistake of ours."""
    if not text or set(text) & set(' "\\'):
        raise ValueError(f"{text!r} is not a label")
    return text


CAPABILITY.register(PROVIDER, Jira, Options, title="JIRA")
