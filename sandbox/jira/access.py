"""Authentication of REST calls, and JIRA's error answers: bearer tokens, `errorMessages` and `errors`."""

import functools
import json
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox.jira import issues
from sandbox.jira.models import Issue
from sandbox.jira.refusals import Refused
from sandbox.world import cast

P = ParamSpec("P")
View = Callable[Concatenate["Call", P], HttpResponse]

NO_ISSUE = "Issue Does Not Exist"
HIDDEN = "You do not have the permission to see the specified issue."
ADMINS = {"pat"}
"""The logins that can delete issues: the platform team, not Onramp."""


class Call:
    """An authenticated REST call: the caller's login, the query parameters and the JSON body."""

    def __init__(self, request: HttpRequest, login: str) -> None:
        self.request = request
        self.login = login
        self.method = request.method or "GET"
        self.query = request.GET

    @functools.cached_property
    def json(self) -> dict[str, Any]:
        try:
            body = json.loads(self.request.body)
        except ValueError as error:
            raise Refused(f"Unexpected character: {error}", status=400) from error
        if not isinstance(body, dict):
            raise Refused("Can not deserialize: an object was expected", status=400)
        return body

    def names(self, parameter: str) -> list[str]:
        """A query parameter that is a list: separated by commas, repeated, or both."""
        return [name for value in self.query.getlist(parameter) for name in str(value).split(",") if name]

    def number(self, parameter: str, default: int) -> int:
        value = self.query.get(parameter, str(default))
        if not value.isdigit():
            raise Refused(f"{parameter} must be a number", status=400)
        return int(value)


def get_issue(key: str) -> Issue:
    """The issue of a key or id. Raises Refused (404 or 403)."""
    issue = issues.find(key)
    if issue is None:
        raise Refused(NO_ISSUE, status=404)
    if issue.hidden:
        raise Refused(HIDDEN, status=403)
    return issue


class Edition:
    """What differs between Data Center, which this is, and Cloud."""

    def call(self, request: HttpRequest, login: str) -> Call:
        return Call(request, login)

    def authenticate(self, request: HttpRequest) -> str | None:
        """The login of a personal access token, or None. People use the same token here as at GitHub."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return None
        person = cast.by_token(token)
        return cast.BOT if token == cast.JIRA_TOKEN else person.login if person else None

    def unauthorized(self, request: HttpRequest) -> HttpResponse:
        """JIRA's 401, which differs for a wrong token and a missing one."""
        if "Authorization" in request.headers:
            body = {"message": "Client must be authenticated to access this resource.", "status-code": 401}
            return JsonResponse(body, status=401, headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
        message = "You do not have the permission to see the specified issue."
        return error_response(Refused(message, "Login Required", status=401))

    def refused(self, refusal: Refused) -> Refused:
        """The refusal in this edition's words."""
        return refusal

    def answered(self, response: HttpResponse, login: str) -> HttpResponse:
        """The answer, as it leaves."""
        response.headers["X-AUSERNAME"] = login
        return response

    def resource(self, **views: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        """The handler of one REST resource: a view for each method, for authenticated callers."""

        @csrf_exempt
        def handle(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            view = views.get((request.method or "").lower())
            if view is None:
                return HttpResponse(status=405, headers={"Allow": ", ".join(name.upper() for name in views)})
            login = self.authenticate(request)
            if login is None:
                return self.unauthorized(request)
            try:
                response = view(self.call(request, login), *args, **kwargs)
            except Refused as refusal:
                response = error_response(self.refused(refusal))
            return self.answered(response, login)

        return handle


def error_response(refusal: Refused) -> JsonResponse:
    return JsonResponse({"errorMessages": refusal.messages, "errors": refusal.errors}, status=refusal.status)
