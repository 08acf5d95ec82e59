"""Every REST request comes in here: who asks, and is there anything left of the rate limit."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from sandbox.github import access, rate, repositories
from sandbox.github.git import refs
from sandbox.github.identity import Who, given_token, identify
from sandbox.github.models import Repository
from sandbox.github.refusals import Refused, archived, empty, found, not_found
from sandbox.world import cast
from sandbox.world.cast import Person

READS = ("GET", "HEAD")
JOB_SCOPES = {"pulls": "pull-requests", "issues": "issues", "check-runs": "checks", "actions": "actions"}


@dataclass
class Call:
    """One request with the account that makes it; `repository` is set for addresses below `/repos/`."""

    request: HttpRequest
    who: Who
    level: str = "none"
    repository: Repository = field(init=False)

    @property
    def login(self) -> str:
        return self.who.login

    @cached_property
    def json(self) -> dict[str, Any]:
        """The body. Raises Refused (400) when it is no JSON object."""
        try:
            said = json.loads(self.request.body or b"{}")
        except ValueError as error:
            raise Refused(400, "Problems parsing JSON") from error
        if not isinstance(said, dict):
            raise Refused(400, "Body should be a JSON object")
        return said

    def field(self, name: str, kind: type | tuple[type, ...] = str, default: Any = ...) -> Any:
        """A field of the body. Raises Refused (422) when it is missing without a default, or of another type."""
        value = self.json.get(name, default)
        if value is ...:
            raise Refused(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        if value is not default and (not isinstance(value, kind) or (isinstance(value, bool) and kind is int)):
            wanted = kind.__name__ if isinstance(kind, type) else kind[0].__name__
            names = {"str": "string", "int": "integer", "list": "array", "dict": "object", "bool": "boolean"}
            raise Refused(422, f"Invalid request.\n\nFor '{name}', {value!r} is not a {names.get(wanted, wanted)}.")
        return value

    def need(self, level: str) -> None:
        """Raises Refused (403) unless the caller has at least this permission in the repository."""
        if not access.allows(self.level, level):
            admin = "Must have admin rights to Repository."
            raise Refused(403, admin if level == "admin" else "Resource not accessible by personal access token")

    @property
    def by(self) -> Person:
        """The account; raises Refused (401) for nobody."""
        if self.who.person is None:
            raise Refused(401, "Requires authentication")
        return self.who.person


@dataclass
class Answer:
    """What a view says when it is more than a 200 with JSON."""

    data: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


View = Callable[..., Any]


def route(repository: bool = False, **views: View) -> Callable[..., HttpResponseBase]:
    """The view of one address: a function for each method. Below `/repos/` it takes `owner` and `name` away."""

    @csrf_exempt
    def view(request: HttpRequest, **captured: Any) -> HttpResponseBase:
        try:
            call = _call(request)
        except Refused as refused:
            return _json(refused.body(), refused.status)
        who = call.login or "anonymous"
        if rate.left(who) <= 0:
            return _with_rate(_limited(who), who)
        try:
            response = _answer(call, views, repository, captured)
        except Refused as refused:
            response = _json(refused.body(), refused.status)
        if response.status_code == 200 and request.method == "GET":
            response = _unless_known(request, response)
        if response.status_code != 304:
            rate.spend(who)
        return _with_rate(response, who)

    return view


def _answer(call: Call, views: dict[str, View], repository: bool, captured: dict[str, Any]) -> HttpResponse:
    method = "GET" if call.request.method == "HEAD" else call.request.method or ""
    if method not in views:
        raise not_found()
    if repository:
        _enter(call, captured.pop("owner"), captured.pop("name"), method)
    said = views[method](call, **captured)
    answer = said if isinstance(said, Answer) else Answer(said)
    response = _json(answer.data, answer.status) if answer.data is not None else HttpResponse(status=answer.status)
    for name, value in answer.headers.items():
        response.headers[name] = value
    return response


def _enter(call: Call, owner: str, name: str, method: str) -> None:
    """Find the repository and what the caller may do there. Raises Refused: 404 for what one may not see."""
    call.repository = repository = found(repositories.find(owner, name))
    below = call.request.path.split("/repos/", 1)[-1].split("/")[2:3]
    call.level = call.who.level(repository, JOB_SCOPES.get("".join(below), "contents"))
    if not access.allows(call.level, "read"):
        raise not_found()
    if below == ["git"] and refs.is_empty(repository.path):
        raise empty()
    if method not in READS:
        call.by  # noqa: B018 - raises for nobody
        if repository.archived and not call.request.path.endswith("/collaborators") and method != "PATCH":
            raise archived()


def _call(request: HttpRequest) -> Call:
    token = given_token(request.headers.get("Authorization", ""))
    who = Who() if token is None else found(identify(token), Refused(401, "Bad credentials"))
    return Call(request, who)


def _json(data: Any, status: int) -> HttpResponse:
    body = json.dumps(data, separators=(",", ":")).encode()
    response = HttpResponse(body, status=status, content_type="application/json; charset=utf-8")
    response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
    return response


def _unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """304 when the caller has this very answer already."""
    mark = f'W/"{hashlib.sha256(response.content).hexdigest()}"'
    if request.headers.get("If-None-Match") == mark:
        response = HttpResponse(status=304)
        del response.headers["Content-Type"]
    response.headers["ETag"] = mark
    return response


def _limited(who: str) -> HttpResponse:
    account = cast.person(who)
    said = f"API rate limit exceeded for user ID {account.number}." if account else "API rate limit exceeded."
    return _json(Refused(403, said).body(), 403)


def _with_rate(response: HttpResponse, who: str) -> HttpResponse:
    for name, value in rate.status(who).items():
        response.headers[f"x-ratelimit-{name}"] = str(value)
    response.headers["x-ratelimit-resource"] = "core"
    response.headers["x-github-request-id"] = hashlib.sha256(str(time.monotonic_ns()).encode()).hexdigest()[:20]
    return response
