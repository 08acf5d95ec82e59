"""JIRA Data Center's REST API v2, as far as a robot with tickets uses it, and the registration of webhooks.

https://developer.atlassian.com/server/jira/platform/rest/v10003/
https://developer.atlassian.com/server/jira/platform/webhooks/
"""

import json
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone

from sandbox import settings
from sandbox.jira import actions, describe, jql
from sandbox.jira.access import ADMINS, Asked, issue_of
from sandbox.jira.describe import issue_id
from sandbox.jira.hooks import EVENTS
from sandbox.jira.models import Issue, Webhook
from sandbox.jira.refusals import Refused

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
        }
    )


def myself(asked: Asked) -> HttpResponse:
    return JsonResponse(describe.user(asked.login))


def fields(asked: Asked) -> HttpResponse:
    """The fields of issues; the `jira` library asks for them before its first search."""
    return everything(
        [
            {"id": name, "name": name.title(), "custom": False, "clauseNames": [name]}
            for name in ("summary", *jql.VALUES)
        ]
    )


def created(asked: Asked) -> HttpResponse:
    """POST issue: fields, and entity properties set with the issue itself."""
    properties = {one["key"]: one["value"] for one in asked.json.get("properties", [])}
    issue = actions.create(asked.json.get("fields") or {}, properties, asked.login)
    body = {"id": issue_id(issue), "key": issue.key, "self": describe.address(f"issue/{issue_id(issue)}")}
    return JsonResponse(body, status=201)


def issue(asked: Asked, key: str) -> HttpResponse:
    return JsonResponse(describe.issue(issue_of(key), asked.words("fields")))


def deleted(asked: Asked, key: str) -> HttpResponse:
    found = issue_of(key)
    if asked.login not in ADMINS:
        raise Refused("You do not have permission to delete issues in this project.", status=403)
    actions.delete(found, asked.login)
    return HttpResponse(status=204)


def searched(asked: Asked) -> HttpResponse:
    """A new issue is found only after the index lag."""
    start, most = asked.number("startAt", 0), asked.number("maxResults", 50)
    indexed = Issue.objects.filter(indexed_at__lte=timezone.now()).select_related("project")
    every = jql.run(asked.query.get("jql", ""), indexed)
    shown = every[start : start + min(most, MOST_RESULTS)]
    issues = [describe.issue(one, asked.words("fields")) for one in shown]
    return JsonResponse({"startAt": start, "maxResults": most, "total": len(every), "issues": issues})


def comments(asked: Asked, key: str) -> HttpResponse:
    every = [describe.comment(one) for one in issue_of(key).comments.select_related("issue")]
    return JsonResponse({"startAt": 0, "maxResults": 1_048_576, "total": len(every), "comments": every})


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


def issue_property(asked: Asked, key: str, name: str) -> HttpResponse:
    found = issue_of(key)
    if name not in found.properties:
        raise Refused(f"The property with key '{name}' does not exist.", status=404)
    return JsonResponse({"key": name, "value": found.properties[name]})


def property_set(asked: Asked, key: str, name: str) -> HttpResponse:
    """The whole body is the value, any JSON."""
    raw = asked.request.body
    if len(raw) > PROPERTY_BYTES:
        raise Refused("The property value is too long.", status=400)
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise Refused("The property value must be a valid, non-empty JSON.", status=400) from error
    found = issue_of(key)
    new = name not in found.properties
    found.properties[name] = value
    found.save()
    return HttpResponse(status=201 if new else 200)


def remote_links(asked: Asked, key: str) -> HttpResponse:
    found = issue_of(key).remote_links.select_related("issue").order_by("id")
    return everything([describe.remote_link(one) for one in found])


def remote_linked(asked: Asked, key: str) -> HttpResponse:
    made, new = actions.link(issue_of(key), asked.json)
    described = describe.remote_link(made)
    return JsonResponse({"id": described["id"], "self": described["self"]}, status=201 if new else 200)


def _hook(hook: Webhook) -> dict[str, Any]:
    return {
        "name": hook.name,
        "url": hook.url,
        "events": hook.events,
        "enabled": True,
        "self": f"{settings.BASE_URL}/jira/rest/webhooks/1.0/webhook/{hook.id}",
    }


def hooks(asked: Asked) -> HttpResponse:
    return everything([_hook(one) for one in Webhook.objects.order_by("id")])


def hook_registered(asked: Asked) -> HttpResponse:
    said = asked.json
    events, url = said.get("events", []), str(said.get("url", ""))
    unknown = [event for event in events if event not in EVENTS]
    if unknown or not url.startswith(("http://", "https://")) or not said.get("name"):
        raise Refused(
            f"Unknown events: {unknown}" if unknown else "A webhook needs a name and an http(s) URL.", status=400
        )
    hook = Webhook.objects.create(name=said["name"], url=url, events=events, secret=said.get("secret", ""))
    return JsonResponse(_hook(hook), status=201)


def hook_removed(asked: Asked, number: int) -> HttpResponse:
    if not Webhook.objects.filter(id=number).delete()[0]:
        raise Refused("The webhook does not exist.", status=404)
    return HttpResponse(status=204)
