"""The entry point of every REST request: authentication, the rate limit, the repository, and conditional requests."""

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import resolve
from django.views.decorators.csrf import csrf_exempt

from sandbox.github import access, rate_limit, repositories
from sandbox.github.api.call import Call, Response
from sandbox.github.errors import ApiError, archived, empty, not_found, required
from sandbox.github.git import refs
from sandbox.github.identity import Caller, identify, token_from_header
from sandbox.github.models import Repository
from sandbox.world import cast

SAFE_METHODS = ("GET", "HEAD")
JOB_SCOPES = {"pulls": "pull-requests", "issues": "issues", "check-runs": "checks", "actions": "actions"}

View = Callable[..., Any]


def route(repository: bool = False, **views: View) -> Callable[..., HttpResponseBase]:
    """The Django view of one URL, with one function per method.

    Below `/repos/`, it looks up the repository and removes `owner` and `name` from the arguments.
    """

    @csrf_exempt
    def view(request: HttpRequest, **captured: Any) -> HttpResponseBase:
        try:
            call = _authenticate(request)
        except ApiError as error:
            return _json(error.body(), error.status)
        login = call.login or rate_limit.ANONYMOUS
        if rate_limit.remaining(login) <= 0:
            return _with_rate_limit(_rate_limited(login), login)
        try:
            response = _respond(call, views, repository, captured)
        except ApiError as error:
            response = _json(error.body(), error.status)
        if response.status_code == 200 and request.method == "GET":
            response = _with_etag(request, response)
        if response.status_code != 304:
            rate_limit.spend(login)
        return _with_rate_limit(response, login)

    return view


def _authenticate(request: HttpRequest) -> Call:
    token = token_from_header(request.headers.get("Authorization", ""))
    caller = Caller() if token is None else required(identify(token), ApiError(401, "Bad credentials"))
    return Call(request, caller)


def _respond(call: Call, views: dict[str, View], repository: bool, captured: dict[str, Any]) -> HttpResponse:
    method = "GET" if call.request.method == "HEAD" else call.request.method or ""
    if method not in views:
        raise not_found()
    moved = repositories.formerly(captured["owner"], captured["name"]) if repository else None
    if moved is not None:
        return _moved(call.request, moved, method)
    if repository:
        _enter_repository(call, captured.pop("owner"), captured.pop("name"), method)
    result = views[method](call, **captured)
    details = result if isinstance(result, Response) else Response(result)
    response = _json(details.data, details.status) if details.data is not None else HttpResponse(status=details.status)
    for name, value in details.headers.items():
        response.headers[name] = value
    return response


def _moved(request: HttpRequest, repository: Repository, method: str) -> HttpResponse:
    """To the address by id. https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects"""
    before, _, rest = request.get_full_path().partition("/repos/")
    location = "/".join([f"{before}/repositories/{repository.pk}", *rest.split("/")[2:]])
    answer = _json({"message": "Moved Permanently", "url": location}, 301 if method in SAFE_METHODS else 307)
    answer.headers["Location"] = request.build_absolute_uri(location)
    return answer


@csrf_exempt
def by_id(request: HttpRequest, number: str, rest: str = "") -> HttpResponseBase:
    """`/repositories/{id}…` is the same as `/repos/{owner}/{name}…`."""
    repository = Repository.objects.filter(pk=number).first() if number.isdecimal() else None
    if repository is None:
        return _json(not_found().body(), 404)
    request.path = request.path.replace(f"/repositories/{number}", f"/repos/{repository.full_name}", 1)
    match = resolve(request.path)
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return response


def _enter_repository(call: Call, owner: str, name: str, method: str) -> None:
    """Set the call's repository and permission level. Raises ApiError (404) if the caller cannot read it."""
    call.repository = repository = required(repositories.find(owner, name))
    resource = call.request.path.split("/repos/", 1)[-1].split("/")[2:3]
    call.level = call.caller.permission(repository, JOB_SCOPES.get("".join(resource), "contents"))
    if not access.allows(call.level, "read"):
        raise not_found()
    if resource == ["git"] and refs.is_empty(repository.path):
        raise empty()
    if method not in SAFE_METHODS:
        call.require_account()
        if repository.archived and not call.request.path.endswith("/collaborators") and method != "PATCH":
            raise archived()


def _json(data: Any, status: int) -> HttpResponse:
    body = json.dumps(data, separators=(",", ":")).encode()
    response = HttpResponse(body, status=status, content_type="application/json; charset=utf-8")
    response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
    return response


def _with_etag(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """304 if the caller already has this response."""
    etag = f'W/"{hashlib.sha256(response.content).hexdigest()}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
        del response.headers["Content-Type"]
    response.headers["ETag"] = etag
    return response


def _rate_limited(login: str) -> HttpResponse:
    account = cast.person(login)
    message = f"API rate limit exceeded for user ID {account.number}." if account else "API rate limit exceeded."
    return _json(ApiError(403, message).body(), 403)


def _with_rate_limit(response: HttpResponse, login: str) -> HttpResponse:
    for name, value in rate_limit.status(login).items():
        response.headers[f"x-ratelimit-{name}"] = str(value)
    response.headers["x-ratelimit-resource"] = "core"
    response.headers["x-github-request-id"] = hashlib.sha256(str(time.monotonic_ns()).encode()).hexdigest()[:20]
    return response
