"""Who asks, and how JIRA refuses: bearer tokens, `errorMessages` and `errors`."""

import functools
import json
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox.jira import actions
from sandbox.jira.models import Issue
from sandbox.jira.refusals import Refused
from sandbox.world import cast

P = ParamSpec("P")
View = Callable[Concatenate["Asked", P], HttpResponse]

ADMINS = {"pat"}
"""Who may delete issues: the platform team, not Onramp."""


class Asked:
    """A request of somebody known, with its JSON."""

    def __init__(self, request: HttpRequest, login: str) -> None:
        self.request = request
        self.login = login
        self.method = request.method or "GET"
        self.query = request.GET

    @functools.cached_property
    def json(self) -> dict[str, Any]:
        try:
            said = json.loads(self.request.body)
        except ValueError as error:
            raise Refused(f"Unexpected character: {error}", status=400) from error
        if not isinstance(said, dict):
            raise Refused("Can not deserialize: an object was expected", status=400)
        return said

    def words(self, name: str) -> list[str]:
        """A query parameter that lists: separated by commas, given several times, or both."""
        return [word for said in self.query.getlist(name) for word in str(said).split(",") if word]

    def number(self, name: str, default: int) -> int:
        said = self.query.get(name, str(default))
        if not said.isdigit():
            raise Refused(f"{name} must be a number", status=400)
        return int(said)


def issue_of(key: str) -> Issue:
    issue = actions.find(key)
    if issue is None:
        raise Refused("Issue Does Not Exist", status=404)
    return issue


def rest(**views: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """The handler of one REST resource: a view per method, for those who are known."""

    @csrf_exempt
    def handle(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        view = views.get((request.method or "").lower())
        if view is None:
            return HttpResponse(status=405, headers={"Allow": ", ".join(name.upper() for name in views)})
        login = who(request)
        if login is None:
            return unknown(request)
        try:
            answer = view(Asked(request, login), *args, **kwargs)
        except Refused as refusal:
            answer = refused(refusal)
        answer.headers["X-AUSERNAME"] = login
        return answer

    return handle


def who(request: HttpRequest) -> str | None:
    """The login behind a personal access token; None for a stranger. People have the same token as at GitHub."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer":
        return None
    person = cast.by_token(token)
    return cast.BOT if token == cast.JIRA_TOKEN else person.login if person else None


def unknown(request: HttpRequest) -> JsonResponse:
    """JIRA's 401: it tells a wrong token from none at all."""
    if "Authorization" in request.headers:
        body = {"message": "Client must be authenticated to access this resource.", "status-code": 401}
        return JsonResponse(body, status=401, headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
    return refused(Refused("You do not have the permission to see the specified issue.", "Login Required", status=401))


def refused(why: Refused) -> JsonResponse:
    return JsonResponse({"errorMessages": why.messages, "errors": why.errors}, status=why.status)
