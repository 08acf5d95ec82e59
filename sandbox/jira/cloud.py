"""JIRA Cloud's REST API v2 and v3, over the same board as Data Center's.

It differs where Cloud does: basic authentication with an e-mail address and an API token, account ids instead of names,
documents instead of wiki text in v3, and a search that pages by token and whose former address is gone.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro/
"""

import base64
import functools
import json
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone

from sandbox import settings
from sandbox.jira import board, documents, jql, payloads, webhook_api
from sandbox.jira.access import HIDDEN, NO_ISSUE, Call, Edition, error_response
from sandbox.jira.models import Issue
from sandbox.jira.refusals import Refused
from sandbox.jira.urls import HOOKS, shared
from sandbox.world import cast

PREFIX = "jira-cloud"
DOCUMENTS = ("description", "body")
"""Fields that are documents in v3."""
PAGE = 2
"""Issues that a page of the search has at most, however many are asked for: JIRA promises no number."""


class CloudCall(Call):
    """A call of version 3; documents in its body are read as text."""

    @functools.cached_property
    def json(self) -> dict[str, Any]:
        body = super().json
        _read_documents(body)
        return body


class Cloud(Edition):
    """One version of its API."""

    def __init__(self, version: int) -> None:
        self.version = version

    def refused(self, refusal: Refused) -> Refused:
        """Cloud does not tell a hidden issue from one that does not exist."""
        if refusal.messages[:1] in ([NO_ISSUE], [HIDDEN]):
            return Refused("Issue does not exist or you do not have permission to see it.", status=404)
        return refusal

    def call(self, request: HttpRequest, login: str) -> Call:
        return (CloudCall if self.version == 3 else Call)(request, login)

    def authenticate(self, request: HttpRequest) -> str | None:
        """The login of an e-mail address with its API token, or None."""
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Basic":
            return None
        try:
            email, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            return None
        if (email, token) == (cast.JIRA_CLOUD_USER, cast.JIRA_TOKEN):
            return cast.BOT
        person = cast.by_token(token)
        return person.login if person is not None and person.email == email else None

    def unauthorized(self, request: HttpRequest) -> HttpResponse:
        if "Authorization" in request.headers:
            headers = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED", "WWW-Authenticate": "OAuth realm=…"}
            return HttpResponse("Client must be authenticated to access this resource.", status=401, headers=headers)
        message = "You do not have permission to view the requested resource, or it does not exist."
        return error_response(Refused(message, status=401))

    def answered(self, response: HttpResponse, login: str) -> HttpResponse:
        response.headers["X-AACCOUNTID"] = account_id(login)
        return _converted(response, self.version)


def account_id(login: str) -> str:
    return f"712020:{uuid.uuid5(uuid.NAMESPACE_URL, login)}"


def server_info(request: HttpRequest) -> JsonResponse:
    """For anybody."""
    body = {"baseUrl": f"{settings.BASE_URL}/{PREFIX}", "version": "1001.0.0-SNAPSHOT", "versionNumbers": [1001, 0, 0]}
    return JsonResponse(body | {"deploymentType": "Cloud"})


def removed_search(call: Call) -> HttpResponse:
    """https://developer.atlassian.com/changelog/#CHANGE-2046"""
    message = (
        "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is "
        "available at https://developer.atlassian.com/changelog/#CHANGE-2046"
    )
    return JsonResponse({"errorMessages": [message], "errors": {}}, status=410)


def search(call: Call) -> HttpResponse:
    """A page of the issues that match. Without `fields` it has their ids only; there is no total."""
    given: dict[str, Any] = call.json if call.method == "POST" else call.query.dict()
    query = str(given.get("jql", ""))
    if not jql.ORDER_BY.split(query.strip(), maxsplit=1)[0]:
        raise Refused("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
    fields = given.get("fields", []) if call.method == "POST" else call.names("fields")
    size = min(int(given.get("maxResults", 50)), PAGE)
    indexed = Issue.objects.filter(indexed_at__lte=timezone.now(), hidden=False).select_related("project")
    matches, start = jql.run(query, indexed), _start(str(given.get("nextPageToken", "")), query)
    page = [_brief(issue, fields) for issue in matches[start : start + size]]
    if start + size >= len(matches):
        return JsonResponse({"issues": page, "isLast": True})
    return JsonResponse({"issues": page, "isLast": False, "nextPageToken": _token(start + size, query)})


def _brief(issue: Issue, fields: list[str]) -> dict[str, Any]:
    return payloads.issue(issue, fields) if fields else {"id": issue.jira_id}


def _token(start: int, query: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([start, query]).encode()).decode()


def _start(token: str, query: str) -> int:
    if not token:
        return 0
    try:
        start, of_query = json.loads(base64.urlsafe_b64decode(token))
    except ValueError as error:
        raise Refused("The provided next page token is invalid or expired.") from error
    if of_query != query:
        raise Refused("The provided next page token is invalid or expired.")
    return int(start)


def _read_documents(node: Any) -> None:
    """Replaces every document in a request's body by its text. Raises Refused for text where a document belongs."""
    if isinstance(node, list):
        for item in node:
            _read_documents(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name in DOCUMENTS and value is not None:
                node[name] = documents.text_of(value, "comment" if name == "body" else name)
            elif name != "properties":
                _read_documents(value)


def _converted(response: HttpResponse, version: int) -> HttpResponse:
    """The answer as Cloud gives it."""
    if "json" in response.headers.get("Content-Type", "") and response.content:
        body = _as_cloud(json.loads(response.content), version)
        response.content = json.dumps(body).encode()
    return response


def _as_cloud(node: Any, version: int) -> Any:
    if isinstance(node, list):
        return [_as_cloud(item, version) for item in node]
    if isinstance(node, str):
        return node.replace(payloads.REST, f"/{PREFIX}/rest/api/{version}")
    if not isinstance(node, dict):
        return node
    if {"name", "key", "displayName"} <= set(node):
        id = account_id(node["name"])
        address = f"{settings.BASE_URL}/{PREFIX}/rest/api/{version}/user?accountId={id}"
        return {
            "self": address,
            "accountId": id,
            "accountType": "atlassian",
            "displayName": node["displayName"],
            "active": True,
        }
    converted = {name: _as_cloud(value, version) for name, value in node.items()}
    if version == 3:
        converted |= {name: documents.of_text(node[name]) for name in DOCUMENTS if isinstance(node.get(name), str)}
    if "resolutiondate" in converted:
        converted["statuscategorychangedate"] = converted["resolutiondate"] or converted.get("created")
    return converted


def _api(version: int) -> list[URLPattern]:
    root, cloud = f"rest/api/{version}", Cloud(version)
    return [
        path(f"{root}/serverInfo", server_info),
        path(f"{root}/search", cloud.resource(get=removed_search, post=removed_search)),
        path(f"{root}/search/jql", cloud.resource(get=search, post=search)),
        *shared(root, cloud),
    ]


urlpatterns: list[URLPattern | URLResolver] = [
    path("", board.board),
    path("browse/<str:key>", board.ticket),
    *_api(2),
    *_api(3),
    path(HOOKS, Cloud(2).resource(get=webhook_api.list_webhooks, post=webhook_api.register)),
]
