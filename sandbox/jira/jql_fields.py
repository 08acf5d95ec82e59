"""The fields of an issue that JQL can ask for, and how their values are read."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from sandbox.jira.models import Issue, Project
from sandbox.jira.words import CATEGORY_OF_STATUS, issue_id

TEXTS: dict[str, Callable[[Issue], list[str]]] = {
    "summary": lambda issue: [issue.summary],
    "description": lambda issue: [issue.description],
    "comment": lambda issue: [one.body for one in issue.comments.all()],
    "text": lambda issue: [issue.summary, issue.description, *(one.body for one in issue.comments.all())],
}
VALUES: dict[str, Callable[[Issue], list[str]]] = {
    "project": lambda issue: [issue.project.key, issue.project.name, str(issue.project_id)],
    "key": lambda issue: [issue.key, *(one.key for one in issue.former_keys.all())],
    "id": lambda issue: [issue_id(issue), issue.key],
    "labels": lambda issue: [str(one) for one in issue.labels],
    "status": lambda issue: [issue.status],
    "statuscategory": lambda issue: list(CATEGORY_OF_STATUS[issue.status]),
    "resolution": lambda issue: [issue.resolution or "Unresolved"],
    "issuetype": lambda issue: [issue.type],
    "reporter": lambda issue: [issue.reporter],
    "assignee": lambda issue: [issue.assignee] if issue.assignee else [],
}
TIMES = {"created", "updated"}
ALIASES = {"issuekey": "key", "issue": "key", "type": "issuetype", "createddate": "created", "updateddate": "updated"}


class BadQuery(ValueError):
    """The query makes no sense; says why as JIRA does."""


def moment(value: str) -> datetime:
    """A date, or a time relative to now like `-5m`. Raises BadQuery."""
    relative = re.fullmatch(r"(-?\d+)([mhdw])", value)
    if relative:
        unit = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}[relative[2]]
        return timezone.now() + timedelta(**{unit: int(relative[1])})
    for form in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"):
        try:
            return datetime.strptime(value, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise BadQuery(f"Date value '{value}' for field is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', '-5d'.")


def known_projects(values: list[str]) -> None:
    """Raises BadQuery for the first that is not there."""
    known = {word.lower() for one in Project.objects.all() for word in (one.key, one.name, str(one.id))}
    for value in values:
        if value.lower() not in known:
            raise BadQuery(f"The value '{value}' does not exist for the field 'project'.")


def reader(field: str) -> Callable[[Issue], list[str]]:
    """How the values of a field are read from an issue. Raises BadQuery for a field that cannot be compared."""
    if field in VALUES:
        return VALUES[field]
    if field in TEXTS:
        return TEXTS[field]
    match = re.fullmatch(r"issue\.property\[([^\]]+)\](?:\.(.+))?", field, re.IGNORECASE)
    if match is None:
        raise BadQuery(f"Field '{field}' cannot be compared like that.")
    key, path = match[1].strip("\"'"), (match[2] or "").split(".") if match[2] else []
    return lambda issue: _property(issue.properties.get(key), path)


def _property(value: Any, path: list[str]) -> list[str]:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, list):
        return [str(one) for one in value]
    return [] if value is None or isinstance(value, dict) else [str(value)]
