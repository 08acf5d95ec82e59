"""The API's JSON and the pages' forms: whatever is sent, no answer is a server error.

A document has the operation or page, its query, and a body or form. Nobody answers at the source host.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import get_resolver

from catalog.models import ApiToken
from engine import registry
from tests.api.client import OPERATIONS
from tests.conftest import Cast, create_cast
from tests.fuzz.mutation import as_bytes
from tests.fuzz.parser import Document, Parser
from tests.fuzz.targets import webhooks
from tests.pages import rows

BODIES: dict[str, Any] = {
    "checkAddress": {"address": "acme/greeter"},
    "createPlan": {"address": "acme/greeter", "corrections": [{"name": "web", "port": 1}], "choices": {"a": "ours"}},
    "startOnboarding": {"plan": "PLAN", "digest": "DIGEST"},
    "retryStep": {"step": "access"},
    "rerunFromStep": {"step": "access"},
    "enterSettings": {"application": "parcel-tracker", "values": {"CARRIER_TOKEN": "x"}},
    "cancelOnboarding": {"undo": False},
}
"""A good body of each operation that has one."""
FORMS: dict[str, dict[str, str]] = {
    "addresses": {"address": "acme/greeter"},
    "plans": {"address": "acme/greeter", "edits": "PLAN", "port-parcel-tracker": "80", "start-parcel-tracker": "x 'y'"},
    "onboardings": {"plan": "PLAN", "digest": "DIGEST", "state": "active", "team": "acme-storefront"},
    "retries": {"step": "access"},
    "reruns": {"step": "access"},
    "settings": {"parcel-tracker-CARRIER_TOKEN": "x", "application": "parcel-tracker"},
    "cancellation": {"undo": "on"},
    "tokens": {"name": "a script", "writes": "on", "days": "30"},
    "record": {"person": "alice", "since": "2026-01-01", "until": "2026-02-01", "format": "csv", "after": "1"},
    "queue": {"state": "open", "before": "1"},
    "sign_in": {"next": "/", "person": "alice"},
}
"""Fields that the views of a route read."""


@dataclass(frozen=True)
class Known:
    """What exists in the database: the values of placeholders, a token and the people's sessions."""

    ids: dict[str, str]
    token: str
    sessions: dict[str, dict[str, str]]


_known: list[Known] = []


def prepare() -> None:
    webhooks.prepare()
    registry._notifier.clear()
    cast = create_cast()
    onboarding = rows.onboarding(cast)
    blocker = rows.block(cast, onboarding)
    attempt = onboarding.run.steps.get(name="access").attempts.get()
    plan = rows.plan(cast, "shop")
    token, secret = ApiToken.issue(cast.alice, "a script", writes=True)
    ids = {
        "plan_id": onboarding.plan.pk,
        "onboarding_id": onboarding.pk,
        "blocker_id": blocker.pk,
        "attempt_id": attempt.pk,
    }
    ids |= {"token_id": token.pk, "undo_id": onboarding.pk, "key": "acme-storefront", "source": "github"}
    known = {name: str(value) for name, value in ids.items()} | {"PLAN": str(plan.pk), "DIGEST": plan.digest}
    _known[:] = [Known(known, secret, {login: _session(cast, login) for login in ("alice", "pat")})]


def _session(cast: Cast, login: str) -> dict[str, str]:
    client = Client()
    client.force_login(getattr(cast, login))
    return {name: morsel.value for name, morsel in client.cookies.items()}


def call(document: Document) -> None:
    """An operation of the API."""
    if not isinstance(document, dict) or str(document.get("operation")) not in OPERATIONS:
        return
    method, path, _ = OPERATIONS[str(document["operation"])]
    headers = {"Authorization": f"Bearer {_known[0].token}"} | _headers(document.get("headers"))
    body = document.get("body")
    data = body if isinstance(body, str) else json.dumps(_filled_in(body))
    response = Client(raise_request_exception=True).generic(
        method.upper(),
        path.format(**_known[0].ids) + _query(document.get("query")),
        as_bytes(data),
        "application/json",
        headers=headers,
    )
    assert response.status_code < 500 or response.status_code == 503, response.content[:500]
    assert response.content == b"" or json.loads(response.content) is not None


def open_page(document: Document) -> None:
    """A page, read or posted to."""
    route = ROUTES.get(str(document.get("route"))) if isinstance(document, dict) else None
    if route is None:
        return
    client = Client(raise_request_exception=True)
    for name, value in _known[0].sessions["pat" if document.get("pat") else "alice"].items():
        client.cookies[name] = value
    address = _address(route, document.get("ids")) + _query(document.get("query"))
    headers = _headers(document.get("headers"))
    if document.get("method") == "post":
        form = urlencode(_pairs(_filled_in(document.get("form"))), errors="surrogatepass")
        response = client.post(address, form, content_type="application/x-www-form-urlencoded", headers=headers)
    else:
        response = client.get(address, headers=headers)
    assert response.status_code < 500 or response.status_code == 503, response.status_code


def _routes() -> dict[str, str]:
    """Name → pattern of every page of ours."""
    return {
        name: "/" + pattern
        for name, variants in get_resolver().reverse_dict.lists()
        if isinstance(name, str) and not name.startswith(("github", "account", "social", "webhook"))
        for possibilities, *_ in variants[:1]
        for pattern, _parameters in possibilities[:1]
    }


ROUTES = _routes()


def _address(pattern: str, ids: Any) -> str:
    given = {name: str(value) for name, value in ids.items() if str(value).isalnum()} if isinstance(ids, dict) else {}
    return pattern % defaultdict(lambda: "1", _known[0].ids | given)


def _filled_in(body: Any) -> Any:
    """The body with the ids of rows in place of their names."""
    if isinstance(body, dict):
        return {name: _filled_in(value) for name, value in body.items()}
    return _known[0].ids.get(body, body) if isinstance(body, str) else body


def _pairs(fields: Any) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in fields.items()] if isinstance(fields, dict) else []


def _query(fields: Any) -> str:
    return "?" + urlencode(_pairs(fields), errors="surrogatepass") if fields else ""


def _headers(headers: Any) -> dict[str, str]:
    return {
        name: webhooks.header(value)
        for name, value in (headers.items() if isinstance(headers, dict) else ())
        if webhooks.is_name(name)
    }


def operations() -> list[Document]:
    return [
        {"operation": name, "body": BODIES.get(name), "headers": {"Idempotency-Key": "1"}, "query": {"limit": "1"}}
        for name in OPERATIONS
    ]


def pages() -> list[Document]:
    return [
        {"route": route, "method": method, "pat": pat, "query": FORMS.get(route, {}), "form": FORMS.get(route, {})}
        for route in ROUTES
        for method in ("get", "post")
        for pat in (False, True)
    ]


WORDS = (
    "PLAN",
    "access",
    "address",
    "HX-Request",
    "true",
    "next",
    "Accept",
    "Accept-Language",
    "Cookie",
    "Authorization",
)
PARSERS = [
    Parser("api", operations, call, WORDS, database=True, prepare=prepare),
    Parser("pages", pages, open_page, WORDS, database=True, prepare=prepare),
]
