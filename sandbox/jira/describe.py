"""Issues, comments and people as JIRA's REST API v2 describes them, with the names and numbers of its own lists."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sandbox import settings
from sandbox.jira.models import Comment, Issue, Project, RemoteLink
from sandbox.world import cast

REST = "/jira/rest/api/2"
FIRST_ID = 10_000

CATEGORIES = {
    "new": {"id": 2, "key": "new", "colorName": "default", "name": "To Do"},
    "indeterminate": {"id": 4, "key": "indeterminate", "colorName": "inprogress", "name": "In Progress"},
    "done": {"id": 3, "key": "done", "colorName": "success", "name": "Done"},
}
STATUSES = {
    Issue.Status.TO_DO: ("10000", "new"),
    Issue.Status.IN_PROGRESS: ("3", "indeterminate"),
    Issue.Status.DONE: ("10001", "done"),
}
CATEGORY_OF_STATUS = {
    str(status): (category, str(CATEGORIES[category]["name"])) for status, (_, category) in STATUSES.items()
}
TRANSITIONS = {
    "11": ("To Do", Issue.Status.TO_DO, ""),
    "21": ("In Progress", Issue.Status.IN_PROGRESS, ""),
    "31": ("Done", Issue.Status.DONE, "Done"),
    "41": ("Won't Do", Issue.Status.DONE, "Won't Do"),
}
"""Number → name, the status it leads to, and the resolution it sets unless the caller names another."""

RESOLUTIONS = {"Done": "10000", "Won't Do": "10001", "Duplicate": "10002", "Cannot Reproduce": "10003"}
TYPES = {"Task": "10002", "Bug": "10004", "Story": "10001"}


def issue_id(issue: Issue) -> str:
    return str(FIRST_ID + issue.id)


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
    }


def project(one: Project) -> dict[str, Any]:
    return {
        "self": address(f"project/{FIRST_ID + one.id}"),
        "id": str(FIRST_ID + one.id),
        "key": one.key,
        "name": one.name,
    }


def issue_type(name: str) -> dict[str, Any]:
    number = TYPES[name]
    return {"self": address(f"issuetype/{number}"), "id": number, "name": name}


def status(name: str) -> dict[str, Any]:
    number, category = STATUSES[Issue.Status(name)]
    described = CATEGORIES[category] | {"self": address(f"statuscategory/{CATEGORIES[category]['id']}")}
    return {"self": address(f"status/{number}"), "id": number, "name": name, "statusCategory": described}


def resolution(name: str) -> dict[str, Any] | None:
    number = RESOLUTIONS.get(name)
    return {"self": address(f"resolution/{number}"), "id": number, "name": name} if number else None


def comment(one: Comment) -> dict[str, Any]:
    return {
        "self": address(f"issue/{issue_id(one.issue)}/comment/{FIRST_ID + one.id}"),
        "id": str(FIRST_ID + one.id),
        "author": user(one.author),
        "body": one.body,
        "created": moment(one.created),
        "updated": moment(one.created),
    }


def transitions() -> list[dict[str, Any]]:
    """Every transition is open at any time, as in JIRA's simplified workflow."""
    return [{"id": number, "name": name, "to": status(to)} for number, (name, to, _) in TRANSITIONS.items()]


def remote_link(one: RemoteLink) -> dict[str, Any]:
    return {
        "id": FIRST_ID + one.id,
        "self": address(f"issue/{one.issue.key}/remotelink/{FIRST_ID + one.id}"),
        "globalId": one.global_id or None,
        "object": {"url": one.url, "title": one.title, "icon": {}, "status": {"icon": {}}},
    }


def fields(one: Issue) -> dict[str, Any]:
    comments = [comment(each) for each in one.comments.select_related("issue")]
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
        "assignee": None,
        "created": moment(one.created),
        "updated": moment(one.updated),
        "comment": {"comments": comments, "maxResults": len(comments), "total": len(comments), "startAt": 0},
    }


def issue(one: Issue, wanted: Sequence[str] = ()) -> dict[str, Any]:
    """The issue with the fields that are wanted by name; all of them where none is, or where it says `*all`."""
    named = {name for name in wanted if not name.startswith("*")}
    return {
        "id": issue_id(one),
        "self": address(f"issue/{issue_id(one)}"),
        "key": one.key,
        "fields": {name: value for name, value in fields(one).items() if not named or name in named},
    }
