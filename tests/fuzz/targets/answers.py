"""Answers of every provider of every capability: each call ends with a typed value or an IntegrationError.

A document has the provider, the number of a call in its row of tests/integrations/promises, and one answer for each beginning of
"METHOD /path". The answers are sent over HTTP on the loopback, as the suite of promises does.
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from integrations import providers
from integrations.errors import MAX_RETRY_AFTER, IntegrationError
from integrations.issues import jira_document
from integrations.issues.jira import Jira
from tests.fuzz.mutation import as_bytes
from tests.fuzz.oracles import sentence, short, storable
from tests.fuzz.parser import Document, Parser
from tests.integrations.answering import Answer, Answers, serving
from tests.integrations.promises import Case, Row, cluster_kubernetes, issues_jira
from tests.integrations.test_promises import REGISTRATIONS, ROWS, cases_of, secrets_of

FIELDS = ("reads", "change", "missing", "raises_missing", "conflict", "repeated")
STATUSES = (200, 201, 202, 204, 206, 301, 304, 400, 401, 403, 404, 409, 410, 412, 422, 429, 500, 502, 503)
HEADERS = (
    "Retry-After",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "Date",
    "Content-Type",
    "Link",
    "Warning",
    "ETag",
)
_built: dict[str, Any] = {}
_served: dict[str, Answer] = {}
_stack = ExitStack()


def _calls(row: Row[Any]) -> list[Case[Any]]:
    ready: Case[Any] = Case(lambda provider: provider.ready(), row.ready)
    refused: list[Case[Any]] = [
        Case(lambda provider: provider.ready(), answer) for answer in (*row.denied, row.rate_limited)
    ]
    return [ready, *refused, *(case for field in FIELDS for case in cases_of(row, field))]


QUOTA = cluster_kubernetes.status(403, "Forbidden", "exceeded quota: shop")
LOG = Answer("", 302, {"Location": "/log"})
STEP = {"name": "Test", "conclusion": "failure", "status": "completed", "number": 1}
JOB = {"id": 1, "name": "test", "status": "completed", "conclusion": "failure", "html_url": "", "steps": [STEP]}
FAILED = Answer({"total_count": 1, "jobs": [JOB]})
DOCUMENT = jira_document.document("*Cause*\n* see https://jira.example/1\n* nothing")
COMMENT = issues_jira.COMMENT | {"body": DOCUMENT}


def _cloud(issues: Jira) -> Jira:
    """The same JIRA as a Cloud."""
    return Jira(issues.options.model_copy(update={"user": "onramp@acme.example"}))


MORE: dict[str, list[Case[Any]]] = {
    "cluster-kubernetes": [Case(lambda cluster: cluster.dry_run([cluster_kubernetes.ACCOUNT]), QUOTA)],
    "issues-jira": [
        Case(
            lambda issues: issues.create(project="PLAT", summary="x", body="y", marker="onramp-1"),
            Answer({"id": "1", "key": "PLAT-1", "self": ""}, 201),
        ),
        Case(
            lambda issues: [ticket.key for ticket in _cloud(issues).find("onramp-1")],
            {"GET /rest/api/3/search/jql": Answer({"issues": [issues_jira.issue()], "isLast": True})},
        ),
        Case(
            lambda issues: [comment.body for comment in _cloud(issues).comments("10001")],
            {"GET /rest/api/3/issue/10001/comment": Answer({"comments": [COMMENT], "total": 1})},
        ),
    ],
    "pipelines-github_actions": [
        Case(
            lambda pipelines: pipelines.failure("acme/greeter", 1),
            {
                "GET /repos/acme/greeter/actions/runs": FAILED,
                "GET /repos/acme/greeter/actions/jobs": LOG,
                "GET /log": Answer("x"),
            },
        )
    ],
}
"""Calls whose answers are parsed in ways that no row of the promises needs."""
CALLS = {
    f"{registration.capability}-{registration.name}": [
        *_calls(row),
        *MORE.get(f"{registration.capability}-{registration.name}", []),
    ]
    for registration, row in ROWS
}


def samples() -> list[Document]:
    return [
        {"provider": provider, "call": number, "answers": _as_document(case.answers)}
        for provider, calls in CALLS.items()
        for number, case in enumerate(calls)
    ]


def _as_document(answers: Answers) -> dict[str, Any]:
    listed = {"": answers} if isinstance(answers, Answer) else answers
    return {
        beginning: {"body": each.body, "status": each.status, "headers": dict(each.headers)}
        for beginning, each in listed.items()
    }


def prepare() -> None:
    """One server, and each provider at it, as production builds it from the environment."""
    url = _stack.enter_context(serving(_served))
    for registration, row in ROWS:
        for name, value in {**row.options(url), **secrets_of(registration)}.items():
            os.environ[registration.variable(name)] = value
    providers.reset()
    for registration in REGISTRATIONS:
        built = providers.capability(registration.capability).provider(registration.name)
        _built[f"{registration.capability}-{registration.name}"] = built


def answer(document: Document) -> None:
    if not isinstance(document, dict):
        return
    provider, number, answers = (document.get(key) for key in ("provider", "call", "answers"))
    if (
        not isinstance(provider, str)
        or provider not in CALLS
        or type(number) is not int
        or not isinstance(answers, dict)
    ):
        return
    _served.clear()
    _served.update(_answers(answers))
    call = CALLS[provider][number % len(CALLS[provider])].call
    try:
        result = call(_built[provider])
    except IntegrationError as error:
        sentence(error)
        storable([error.message, error.detail, error.provider])
        after = getattr(error, "retry_after", None)
        assert after is None or 0 <= after <= MAX_RETRY_AFTER, f"a step cannot be due in {after} s"
        return
    storable(result)
    short(result, 1_000_000)


def _answers(answers: dict[str, Any]) -> Iterator[tuple[str, Answer]]:
    for beginning, described in answers.items():
        each = described if isinstance(described, dict) else {"body": described}
        body, status, headers = each.get("body", ""), each.get("status", 200), each.get("headers", {})
        sent = headers.items() if isinstance(headers, dict) else ()
        yield (
            beginning,
            Answer(
                as_bytes(body) if isinstance(body, str) else body,
                status if isinstance(status, int) and 200 <= status < 600 else 200,
                {name: _header(value) for name, value in sent if _is_name(name)},
            ),
        )


def _is_name(name: str) -> bool:
    return (
        name.isascii()
        and name.replace("-", "").isalnum()
        and name.lower() not in ("content-length", "transfer-encoding")
    )


def _header(value: object) -> str:
    """What a server can send in one line."""
    text = value if isinstance(value, str) else json.dumps(value)
    return "".join(each for each in text if each.isprintable() and ord(each) < 256)[:2_000]


PARSERS = [
    Parser(
        "answers",
        samples,
        answer,
        (*HEADERS, *map(str, STATUSES), "items", "metadata", "body", "status"),
        prepare=prepare,
    )
]
