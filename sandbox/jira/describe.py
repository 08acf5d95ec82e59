"""Issues, comments and people as JIRA's REST API v2 describes them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sandbox import settings
from sandbox.jira.models import Comment, Issue, IssueLink, Project, RemoteLink
from sandbox.jira.words import CATEGORIES, FIRST_ID, LINK_TYPES, RESOLUTIONS, STATUSES, TRANSITIONS, TYPES, issue_id
from sandbox.world import cast

REST = "/jira/rest/api/2"
FIELDS = (
    "summary",
    "description",
    "issuetype",
    "project",
    "labels",
    "status",
    "resolution",
    "resolutiondate",
    "reporter",
    "creator",
    "assignee",
    "priority",
    "created",
    "updated",
    "comment",
    "issuelinks",
)


def address(path: str) -> str:
    return f"{settings.BASE_URL}{REST}/{path}"


def moment(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000" if at else None


def user(login: str) -> dict[str, Any]:
    person = cast.person(login)
    return {
        "self": address(f"user?username={login}"),
        "name": login,
        "key": f"JIRAUSER{FIRST_ID + (person.number if person else 0)}",
        "emailAddress": person.email if person else "",
        "displayName": person.name if person else login,
        "active": True,
        "timeZone": "Etc/UTC",
    }


def project(one: Project) -> dict[str, Any]:
    return {
        "self": address(f"project/{FIRST_ID + one.id}"),
        "id": str(FIRST_ID + one.id),
        "key": one.key,
        "name": one.name,
        "projectTypeKey": "software",
        "archived": False,
    }


def issue_type(name: str) -> dict[str, Any]:
    number = TYPES[name]
    return {"self": address(f"issuetype/{number}"), "id": number, "name": name, "subtask": False, "description": ""}


def status(name: str) -> dict[str, Any]:
    number, category = STATUSES[Issue.Status(name)]
    described = CATEGORIES[category] | {"self": address(f"statuscategory/{CATEGORIES[category]['id']}")}
    return {"self": address(f"status/{number}"), "id": number, "name": name, "statusCategory": described}


def resolution(name: str) -> dict[str, Any] | None:
    number = RESOLUTIONS.get(name)
    return {"self": address(f"resolution/{number}"), "id": number, "name": name, "description": ""} if number else None


def comment(one: Comment) -> dict[str, Any]:
    return {
        "self": address(f"issue/{issue_id(one.issue)}/comment/{FIRST_ID + one.id}"),
        "id": str(FIRST_ID + one.id),
        "author": user(one.author),
        "body": one.body,
        "updateAuthor": user(one.author),
        "created": moment(one.created),
        "updated": moment(one.updated),
    }


def transitions() -> list[dict[str, Any]]:
    """Every transition is open at any time, as in JIRA's simplified workflow."""
    return [
        {"id": number, "name": name, "opsbarSequence": int(number), "to": status(to)}
        for number, (name, to, _) in TRANSITIONS.items()
    ]


def remote_link(one: RemoteLink) -> dict[str, Any]:
    return {
        "id": FIRST_ID + one.id,
        "self": address(f"issue/{one.issue.key}/remotelink/{FIRST_ID + one.id}"),
        "globalId": one.global_id or None,
        "relationship": one.relationship or None,
        "object": {"url": one.url, "title": one.title, "icon": {}, "status": {"icon": {}}},
    }


def _link(one: IssueLink, seen_from: Issue) -> dict[str, Any]:
    number, inward, outward = LINK_TYPES[one.type]
    kind = {"id": number, "name": one.type, "inward": inward, "outward": outward}
    other, side = (one.outward, "outwardIssue") if one.inward_id == seen_from.id else (one.inward, "inwardIssue")
    seen = {"summary": other.summary, "status": status(other.status)}
    brief = {"id": issue_id(other), "key": other.key, "fields": seen}
    return {"id": str(FIRST_ID + one.id), "type": kind, side: brief}


def fields(one: Issue) -> dict[str, Any]:
    comments = [comment(each) for each in one.comments.select_related("issue")]
    links = [*one.outward_links.select_related("outward"), *one.inward_links.select_related("inward")]
    return {
        "summary": one.summary,
        "description": one.description or None,
        "issuetype": issue_type(one.type),
        "project": project(one.project),
        "labels": list(one.labels),
        "status": status(one.status),
        "resolution": resolution(one.resolution),
        "resolutiondate": moment(one.resolved),
        "reporter": user(one.reporter),
        "creator": user(one.reporter),
        "assignee": user(one.assignee) if one.assignee else None,
        "priority": {"id": "3", "name": "Medium", "self": address("priority/3")},
        "created": moment(one.created),
        "updated": moment(one.updated),
        "comment": {"comments": comments, "maxResults": len(comments), "total": len(comments), "startAt": 0},
        "issuelinks": [_link(each, one) for each in links],
    }


def issue(
    one: Issue, wanted: Sequence[str] = ("*all",), expand: Sequence[str] = (), properties: Sequence[str] = ()
) -> dict[str, Any]:
    """The issue with the fields that are wanted (`*all`, `*navigable`, names, or `-name` for all but that)."""
    every = fields(one)
    named = {name for name in wanted if not name.startswith(("-", "*"))}
    less = {name[1:] for name in wanted if name.startswith("-")}
    chosen = {name: value for name, value in every.items() if not named or "*all" in wanted or name in named}
    described: dict[str, Any] = {
        "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
        "id": issue_id(one),
        "self": address(f"issue/{issue_id(one)}"),
        "key": one.key,
        "fields": {name: value for name, value in chosen.items() if name not in less},
    }
    if "transitions" in expand:
        described["transitions"] = transitions()
    if properties:
        shown = one.properties if "*all" in properties else {k: v for k, v in one.properties.items() if k in properties}
        described["properties"] = shown
    return described
