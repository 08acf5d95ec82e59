"""JIRA Data Center's REST API v2, as far as a bot that handles tickets uses it.

https://developer.atlassian.com/server/jira/platform/rest/v10003/
"""

import json

from django.http import HttpResponse, JsonResponse
from django.utils import timezone

from sandbox import settings
from sandbox.jira import issues, jql, payloads
from sandbox.jira.access import ADMINS, Call, get_issue
from sandbox.jira.models import Issue
from sandbox.jira.refusals import Refused

MAX_RESULTS = 1000
MAX_COMMENTS = 50
"""On one page. The real limit of Cloud is 100, and an administrator of Data Center can set one."""
MAX_PROPERTY_BYTES = 32_768


def server_info(call: Call) -> HttpResponse:
    return JsonResponse(
        {
            "baseUrl": f"{settings.BASE_URL}/jira",
            "version": "10.3.0",
            "versionNumbers": [10, 3, 0],
            "deploymentType": "Server",
        }
    )


def myself(call: Call) -> HttpResponse:
    return JsonResponse(payloads.user(call.login))


def list_fields(call: Call) -> HttpResponse:
    """The fields of issues; the `jira` library reads them before its first search."""
    names = ("summary", *jql.VALUES)
    fields = [{"id": name, "name": name.title(), "custom": False, "clauseNames": [name]} for name in names]
    return JsonResponse(fields, safe=False)


def create_issue(call: Call) -> HttpResponse:
    """Create an issue from its fields, together with its entity properties."""
    properties = {item["key"]: item["value"] for item in call.json.get("properties", [])}
    issue = issues.create(call.json.get("fields") or {}, properties, call.login)
    body = {"id": issue.jira_id, "key": issue.key, "self": payloads.url(f"issue/{issue.jira_id}")}
    return JsonResponse(body, status=201)


def read_issue(call: Call, key: str) -> HttpResponse:
    return JsonResponse(payloads.issue(get_issue(key), call.names("fields")))


def delete_issue(call: Call, key: str) -> HttpResponse:
    issue = get_issue(key)
    if call.login not in ADMINS:
        raise Refused("You do not have permission to delete issues in this project.", status=403)
    issues.delete(issue, call.login)
    return HttpResponse(status=204)


def search(call: Call) -> HttpResponse:
    """Search by JQL. A new issue is found only after the index lag."""
    start, limit = call.number("startAt", 0), call.number("maxResults", 50)
    indexed = Issue.objects.filter(indexed_at__lte=timezone.now(), hidden=False).select_related("project")
    matches = jql.run(call.query.get("jql", ""), indexed)
    page = matches[start : start + min(limit, MAX_RESULTS)]
    results = [payloads.issue(issue, call.names("fields")) for issue in page]
    return JsonResponse({"startAt": start, "maxResults": limit, "total": len(matches), "issues": results})


def list_comments(call: Call, key: str) -> HttpResponse:
    """A page of comments, the oldest first unless `orderBy` is `-created`."""
    comments = list(get_issue(key).comments.select_related("issue"))
    if call.query.get("orderBy", "") == "-created":
        comments.reverse()
    start, limit = call.number("startAt", 0), min(call.number("maxResults", MAX_COMMENTS), MAX_COMMENTS)
    page = [payloads.comment(comment) for comment in comments[start : start + limit]]
    return JsonResponse({"startAt": start, "maxResults": limit, "total": len(comments), "comments": page})


def add_comment(call: Call, key: str) -> HttpResponse:
    comment = issues.comment(get_issue(key), str(call.json.get("body", "")), call.login)
    return JsonResponse(payloads.comment(comment), status=201)


def list_transitions(call: Call, key: str) -> HttpResponse:
    get_issue(key)
    return JsonResponse({"expand": "transitions", "transitions": payloads.transitions()})


def transition_issue(call: Call, key: str) -> HttpResponse:
    body = call.json
    number = str((body.get("transition") or {}).get("id", ""))
    issues.transition(get_issue(key), number, body.get("fields") or {}, body.get("update") or {}, call.login)
    return HttpResponse(status=204)


def read_property(call: Call, key: str, name: str) -> HttpResponse:
    issue = get_issue(key)
    if name not in issue.properties:
        raise Refused(f"The property with key '{name}' does not exist.", status=404)
    return JsonResponse({"key": name, "value": issue.properties[name]})


def set_property(call: Call, key: str, name: str) -> HttpResponse:
    """Set an entity property. The whole body is the value, which is any JSON."""
    raw = call.request.body
    if len(raw) > MAX_PROPERTY_BYTES:
        raise Refused("The property value is too long.", status=400)
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise Refused("The property value must be a valid, non-empty JSON.", status=400) from error
    issue = get_issue(key)
    new = name not in issue.properties
    issue.properties[name] = value
    issue.save()
    return HttpResponse(status=201 if new else 200)


def list_remote_links(call: Call, key: str) -> HttpResponse:
    links = get_issue(key).remote_links.select_related("issue").order_by("id")
    return JsonResponse([payloads.remote_link(link) for link in links], safe=False)


def set_remote_link(call: Call, key: str) -> HttpResponse:
    link, new = issues.link(get_issue(key), call.json)
    payload = payloads.remote_link(link)
    return JsonResponse({"id": payload["id"], "self": payload["self"]}, status=201 if new else 200)
