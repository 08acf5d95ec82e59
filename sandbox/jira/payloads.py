"""Issues, comments and people in the JSON of JIRA's REST API v2."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sandbox import settings
from sandbox.jira import models
from sandbox.jira.workflow import CATEGORIES, RESOLUTIONS, STATUSES, TRANSITIONS, TYPES
from sandbox.world import cast

REST = "/jira/rest/api/2"
FIRST_ID = models.FIRST_ID


def url(path: str) -> str:
    return f"{settings.BASE_URL}{REST}/{path}"


def timestamp(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000" if at else None


def user(login: str) -> dict[str, Any]:
    person = cast.person(login)
    return {
        "self": url(f"user?username={login}"),
        "name": login,
        "key": f"JIRAUSER{FIRST_ID + (person.number if person else 0)}",
        "emailAddress": person.email if person else "",
        "displayName": person.name if person else login,
        "active": True,
    }


def project(project: models.Project) -> dict[str, Any]:
    number = FIRST_ID + project.id
    return {"self": url(f"project/{number}"), "id": str(number), "key": project.key, "name": project.name}


def issue_type(name: str) -> dict[str, Any]:
    number = TYPES[name]
    return {"self": url(f"issuetype/{number}"), "id": number, "name": name}


def status(name: str) -> dict[str, Any]:
    number, key = STATUSES[models.Issue.Status(name)]
    category = CATEGORIES[key] | {"self": url(f"statuscategory/{CATEGORIES[key]['id']}")}
    return {"self": url(f"status/{number}"), "id": number, "name": name, "statusCategory": category}


def resolution(name: str) -> dict[str, Any] | None:
    number = RESOLUTIONS.get(name)
    return {"self": url(f"resolution/{number}"), "id": number, "name": name} if number else None


def comment(comment: models.Comment) -> dict[str, Any]:
    return {
        "self": url(f"issue/{comment.issue.jira_id}/comment/{FIRST_ID + comment.id}"),
        "id": str(FIRST_ID + comment.id),
        "author": user(comment.author),
        "body": comment.body,
        "created": timestamp(comment.created),
        "updated": timestamp(comment.created),
    }


def transitions() -> list[dict[str, Any]]:
    return [
        {"id": number, "name": transition.name, "to": status(transition.target)}
        for number, transition in TRANSITIONS.items()
    ]


def remote_link(link: models.RemoteLink) -> dict[str, Any]:
    return {
        "id": FIRST_ID + link.id,
        "self": url(f"issue/{link.issue.key}/remotelink/{FIRST_ID + link.id}"),
        "globalId": link.global_id or None,
        "object": {"url": link.url, "title": link.title, "icon": {}, "status": {"icon": {}}},
    }


def issue_fields(issue: models.Issue) -> dict[str, Any]:
    comments = [comment(row) for row in issue.comments.select_related("issue")]
    return {
        "summary": issue.summary,
        "description": issue.description or None,
        "issuetype": issue_type(issue.type),
        "project": project(issue.project),
        "labels": list(issue.labels),
        "status": status(issue.status),
        "resolution": resolution(issue.resolution),
        "resolutiondate": timestamp(issue.resolved),
        "reporter": user(issue.reporter),
        "assignee": None,
        "created": timestamp(issue.created),
        "updated": timestamp(issue.updated),
        "comment": {"comments": comments, "maxResults": len(comments), "total": len(comments), "startAt": 0},
    }


def issue(issue: models.Issue, fields: Sequence[str] = ()) -> dict[str, Any]:
    """The issue with the named fields; with all of them where no name is given, or only `*all`."""
    names = {name for name in fields if not name.startswith("*")}
    return {
        "id": issue.jira_id,
        "self": url(f"issue/{issue.jira_id}"),
        "key": issue.key,
        "fields": {name: value for name, value in issue_fields(issue).items() if not names or name in names},
    }
