"""https://developer.atlassian.com/server/jira/platform/rest/"""

from typing import Any

from integrations.issues import Issues, Ticket
from tests.integrations.answering import Answer
from tests.integrations.promises import Case, Row

ISSUE = "/rest/api/2/issue/10001"
TRANSITIONS = f"GET {ISSUE}/transitions"
WEBHOOKS = "/rest/webhooks/1.0/webhook"


def refused(message: str, status: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer({"errorMessages": [message], "errors": {}}, status, named)


def issue(category: str = "new") -> dict[str, Any]:
    fields = {
        "summary": "Grant quota",
        "project": {"key": "PLAT"},
        "status": {"name": "To Do", "statusCategory": {"key": category}},
        "resolution": None,
        "resolutiondate": None,
        "updated": "2026-01-01T00:00:00.000+0000",
    }
    return {"id": "10001", "key": "PLAT-1", "self": "", "fields": fields}


def transitions(category: str) -> Answer:
    to = {"name": "Next", "statusCategory": {"key": category}}
    return Answer({"expand": "transitions", "transitions": [{"id": "21", "name": "Next", "to": to}]})


def _key(ticket: Ticket | None) -> str:
    return ticket.key if ticket else ""


COMMENT = {
    "id": "7",
    "body": "hello",
    "author": {"name": "onramp", "displayName": "Onramp"},
    "created": "2026-01-01T00:00:00.000+0000",
}
NOT_FOUND = refused("Issue Does Not Exist", 404)
ROW: Row[Issues] = Row(
    options=lambda url: {"url": url},
    ready={
        "GET /rest/api/2/myself": Answer({"name": "onramp", "key": "onramp", "displayName": "Onramp", "active": True}),
        "GET /rest/api/2/search": Answer({"startAt": 0, "maxResults": 50, "total": 0, "issues": []}),
    },
    denied=(
        Answer("<html><body>Client must be authenticated to access this resource.</body></html>", 401),
        refused("You are not authenticated.", 401),
    ),
    rate_limited=refused("Rate limit exceeded.", 429, Retry_After="4"),
    retry_after=4,
    reads=(
        Case(lambda issues: _key(issues.read("10001")), Answer(issue()), "PLAT-1"),
        Case(
            lambda issues: [ticket.key for ticket in issues.find("marker")],
            Answer({"startAt": 0, "maxResults": 50, "total": 1, "issues": [issue()]}),
            ["PLAT-1"],
        ),
        Case(
            lambda issues: [comment.author for comment in issues.comments("10001")],
            {f"GET {ISSUE}/comment": Answer({"comments": [COMMENT], "total": 1})},
            ["Onramp"],
        ),
    ),
    change=Case(lambda issues: issues.comment("10001", "hello"), Answer(COMMENT, 201), "7"),
    missing=(
        Case(lambda issues: issues.read("10001"), NOT_FOUND, None),
        Case(
            lambda issues: issues.find("marker"),
            Answer({"startAt": 0, "maxResults": 50, "total": 0, "issues": []}),
            [],
        ),
    ),
    raises_missing=(
        Case(lambda issues: issues.comment("10001", "hello"), NOT_FOUND),
        Case(lambda issues: issues.close("10001"), NOT_FOUND),
    ),
    conflict=(
        Case(lambda issues: issues.close("10001"), {TRANSITIONS: transitions("new"), f"GET {ISSUE}": Answer(issue())}),
    ),
    repeated=(
        Case(lambda issues: issues.close("10001"), {f"GET {ISSUE}": Answer(issue("done"))}),
        Case(
            lambda issues: issues.ensure_webhook("https://onramp.example/events/jira/"),
            {f"GET {WEBHOOKS}": Answer([{"name": "Onramp", "url": "https://onramp.example/events/jira/"}])},
        ),
        Case(
            lambda issues: issues.link("10001", "https://onramp.example/", "Run", "run-1"),
            {f"POST {ISSUE}/remotelink": Answer({"id": 1, "self": ""}, 200)},
        ),
    ),
)
