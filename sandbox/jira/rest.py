"""JIRA Data Center's REST API v2, as far as a robot with tickets uses it.

https://developer.atlassian.com/server/jira/platform/rest/v10003/
"""

import json
from typing import Any

from django.http import HttpResponse, JsonResponse

from sandbox import settings
from sandbox.jira import actions, describe, jql
from sandbox.jira.access import ADMINS, Asked, Failure, issue_of
from sandbox.jira.models import Issue, IssueLink, Project
from sandbox.jira.words import LINK_TYPES, STATUSES, TYPES, issue_id
from sandbox.world import cast

MOST_RESULTS = 1000
PROPERTY_BYTES = 32_768


def everything(values: list[dict[str, Any]]) -> JsonResponse:
    return JsonResponse(values, safe=False)


def server_info(asked: Asked) -> HttpResponse:
    return JsonResponse(
        {
            "baseUrl": f"{settings.BASE_URL}/jira",
            "version": "10.3.0",
            "versionNumbers": [10, 3, 0],
            "deploymentType": "Server",
            "buildNumber": 10030000,
            "serverTitle": "JIRA of the sandbox",
        }
    )


def myself(asked: Asked) -> HttpResponse:
    return JsonResponse(describe.user(asked.login))


def user(asked: Asked) -> HttpResponse:
    name = asked.query.get("username", "") or asked.query.get("key", "")
    if cast.person(name) is None:
        raise Failure(404, f"The user named '{name}' does not exist")
    return JsonResponse(describe.user(name))


def users(asked: Asked) -> HttpResponse:
    """User search: by login, name or e-mail address."""
    wanted = asked.query.get("username", "").lower()
    found = [one for one in cast.PEOPLE if wanted in f"{one.login} {one.name} {one.email}".lower()]
    return everything([describe.user(one.login) for one in found])


def projects(asked: Asked) -> HttpResponse:
    return everything([describe.project(one) for one in Project.objects.order_by("key")])


def project(asked: Asked, key: str) -> HttpResponse:
    found = actions.project_of({"id": key} if key.isdigit() else {"key": key})
    if found is None:
        raise Failure(404, f"No project could be found with key '{key}'.")
    types = [describe.issue_type(name) for name in TYPES]
    return JsonResponse(describe.project(found) | {"issueTypes": types, "lead": describe.user("pat")})


def statuses(asked: Asked) -> HttpResponse:
    return everything([describe.status(name) for name in STATUSES])


def issue_types(asked: Asked) -> HttpResponse:
    return everything([describe.issue_type(name) for name in TYPES])


def fields(asked: Asked) -> HttpResponse:
    """The fields of issues; the `jira` library asks for them before its first search."""
    return everything(
        [{"id": name, "name": name.title(), "custom": False, "clauseNames": [name]} for name in describe.FIELDS]
    )


def created(asked: Asked) -> HttpResponse:
    """POST issue: fields, and entity properties set with the issue itself."""
    properties = {one["key"]: one["value"] for one in asked.json.get("properties", [])}
    issue = actions.create(asked.json.get("fields") or {}, properties, asked.login)
    body = {"id": issue_id(issue), "key": issue.key, "self": describe.address(f"issue/{issue_id(issue)}")}
    return JsonResponse(body, status=201)


def issue(asked: Asked, key: str) -> HttpResponse:
    wanted = asked.words("fields") or ["*all"]
    return JsonResponse(describe.issue(issue_of(key), wanted, asked.words("expand"), asked.words("properties")))


def edited(asked: Asked, key: str) -> HttpResponse:
    actions.edit(issue_of(key), asked.json.get("fields") or {}, asked.json.get("update") or {}, asked.login)
    return HttpResponse(status=204)


def deleted(asked: Asked, key: str) -> HttpResponse:
    found = issue_of(key)
    if asked.login not in ADMINS:
        raise Failure(403, "You do not have permission to delete issues in this project.")
    actions.delete(found, asked.login)
    return HttpResponse(status=204)


def searched(asked: Asked) -> HttpResponse:
    """Search by GET."""
    fields = asked.words("fields") or ["*navigable"]
    start, most = asked.number("startAt", 0), asked.number("maxResults", 50)
    return _found(asked.query.get("jql", ""), start, most, fields, asked.words("expand"))


def searched_by_post(asked: Asked) -> HttpResponse:
    said = asked.json
    fields = [str(one) for one in said.get("fields") or ["*navigable"]]
    return _found(str(said.get("jql", "")), int(said.get("startAt", 0)), int(said.get("maxResults", 50)), fields, [])


def _found(query: str, start: int, most: int, fields: list[str], expand: list[str]) -> HttpResponse:
    issues = list(Issue.objects.indexed().select_related("project"))
    every = jql.parse(query).run(issues)
    shown = every[start : start + min(most, MOST_RESULTS)]
    return JsonResponse(
        {
            "expand": "names,schema",
            "startAt": start,
            "maxResults": most,
            "total": len(every),
            "issues": [describe.issue(one, fields, expand) for one in shown],
        }
    )


def comments(asked: Asked, key: str) -> HttpResponse:
    found = issue_of(key)
    every = [describe.comment(one) for one in found.comments.select_related("issue")]
    if asked.query.get("orderBy") == "-created":
        every.reverse()
    start, most = asked.number("startAt", 0), asked.number("maxResults", 1_048_576)
    body = {"startAt": start, "maxResults": most, "total": len(every), "comments": every[start : start + most]}
    return JsonResponse(body)


def commented(asked: Asked, key: str) -> HttpResponse:
    made = actions.comment(issue_of(key), str(asked.json.get("body", "")), asked.login)
    return JsonResponse(describe.comment(made), status=201)


def transitions(asked: Asked, key: str) -> HttpResponse:
    issue_of(key)
    return JsonResponse({"expand": "transitions", "transitions": describe.transitions()})


def transitioned(asked: Asked, key: str) -> HttpResponse:
    said = asked.json
    number = str((said.get("transition") or {}).get("id", ""))
    actions.transition(issue_of(key), number, said.get("fields") or {}, said.get("update") or {}, asked.login)
    return HttpResponse(status=204)


def properties(asked: Asked, key: str) -> HttpResponse:
    found = issue_of(key)
    keys = [{"key": name, "self": describe.address(f"issue/{key}/properties/{name}")} for name in found.properties]
    return JsonResponse({"keys": keys})


def issue_property(asked: Asked, key: str, name: str) -> HttpResponse:
    found = issue_of(key)
    if name not in found.properties:
        raise Failure(404, f"The property with key '{name}' does not exist.")
    return JsonResponse({"key": name, "value": found.properties[name]})


def property_set(asked: Asked, key: str, name: str) -> HttpResponse:
    """The whole body is the value, any JSON."""
    raw = asked.request.body
    if len(raw) > PROPERTY_BYTES:
        raise Failure(400, "The property value is too long.")
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise Failure(400, "The property value must be a valid, non-empty JSON.") from error
    found = issue_of(key)
    new = name not in found.properties
    found.properties[name] = value
    found.save()
    return HttpResponse(status=201 if new else 200)


def property_removed(asked: Asked, key: str, name: str) -> HttpResponse:
    found = issue_of(key)
    if name not in found.properties:
        raise Failure(404, f"The property with key '{name}' does not exist.")
    del found.properties[name]
    found.save()
    return HttpResponse(status=204)


def remote_links(asked: Asked, key: str) -> HttpResponse:
    found = issue_of(key).remote_links.select_related("issue").order_by("id")
    if asked.query.get("globalId"):
        found = found.filter(global_id=asked.query["globalId"])
    return everything([describe.remote_link(one) for one in found])


def remote_linked(asked: Asked, key: str) -> HttpResponse:
    made, new = actions.link(issue_of(key), asked.json)
    described = describe.remote_link(made)
    return JsonResponse({"id": described["id"], "self": described["self"]}, status=201 if new else 200)


def link_types(asked: Asked) -> HttpResponse:
    every = [{"id": one[0], "name": name, "inward": one[1], "outward": one[2]} for name, one in LINK_TYPES.items()]
    return JsonResponse({"issueLinkTypes": every})


def linked(asked: Asked) -> HttpResponse:
    """Join two issues: `inwardIssue` is where the link begins."""
    said = asked.json
    kind = str((said.get("type") or {}).get("name", ""))
    if kind not in LINK_TYPES:
        raise Failure(404, f"No issue link type with name '{kind}' found.")
    inward, outward = (issue_of(str((said.get(side) or {}).get("key", ""))) for side in ("inwardIssue", "outwardIssue"))
    IssueLink.objects.get_or_create(type=kind, inward=inward, outward=outward)
    return HttpResponse(status=201)
