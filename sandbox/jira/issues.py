"""Operations on issues, shared by the API and the board's buttons. Each sends the matching webhooks."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from sandbox.jira.models import FIRST_ID, Comment, FormerKey, Issue, Project, RemoteLink, index_lag
from sandbox.jira.notifications import change, notify
from sandbox.jira.refusals import Refused
from sandbox.jira.workflow import RESOLUTIONS, STATUSES, TRANSITIONS, TYPES

LONGEST_TEXT = 32_767
TOO_LONG = f"The entered text is too long. It exceeds the allowed limit of {LONGEST_TEXT:,} characters."
SETTABLE = {"project", "issuetype", "summary", "description", "labels"}


def find(reference: str) -> Issue | None:
    """The issue of a key, a former key or an id."""
    issues = Issue.objects.select_related("project")
    if reference.isdigit():
        return issues.filter(id=int(reference) - FIRST_ID).first()
    key = reference.upper()
    return issues.filter(key=key).first() or issues.filter(former_keys__key=key).first()


@transaction.atomic
def create(fields: Mapping[str, Any], properties: Mapping[str, Any], by: str) -> Issue:
    """Create an issue. Raises Refused, which names every invalid field."""
    project = Project.objects.filter(key=(fields.get("project") or {}).get("key", "")).first()
    kind = (fields.get("issuetype") or {}).get("name")
    errors = _field_errors(fields)
    if project is None:
        errors["project"] = "valid project is required" if fields.get("project") else "project is required"
    if kind not in TYPES:
        errors["issuetype"] = "The issue type selected is invalid." if kind else "issue type is required"
    if errors or project is None or kind is None:
        raise Refused(errors=errors)
    issue = Issue.objects.create(
        project=project,
        key=project.next_key(),
        type=kind,
        summary=fields["summary"],
        description=fields.get("description") or "",
        labels=sorted(set(fields.get("labels") or [])),
        properties=dict(properties),
        reporter=by,
        indexed_at=timezone.now() + index_lag(),
    )
    notify("jira:issue_created", issue, by)
    return issue


def _field_errors(fields: Mapping[str, Any]) -> dict[str, str]:
    errors = {
        name: f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
        for name in set(fields) - SETTABLE
    }
    summary = str(fields.get("summary") or "")
    if not summary.strip():
        errors["summary"] = "You must specify a summary of the issue."
    elif len(summary) > 255:
        errors["summary"] = "Summary must be less than 255 characters."
    for label in fields.get("labels") or []:
        if not isinstance(label, str) or " " in label:
            errors["labels"] = f"The label '{label}' contains spaces which is invalid."
    if len(str(fields.get("description") or "")) > LONGEST_TEXT:
        errors["description"] = TOO_LONG
    return errors


@transaction.atomic
def comment(issue: Issue, body: str, by: str) -> Comment:
    """Add a comment. Raises Refused for an empty one."""
    if not body.strip():
        raise Refused(errors={"comment": "Comment body can not be empty!"})
    if len(body) > LONGEST_TEXT:
        raise Refused(errors={"comment": TOO_LONG})
    comment = Comment.objects.create(issue=issue, author=by, body=body)
    issue.touch()
    notify("comment_created", issue, by, comment=comment)
    notify("jira:issue_updated", issue, by, comment=comment)
    return comment


@transaction.atomic
def transition(issue: Issue, number: str, fields: Mapping[str, Any], update: Mapping[str, Any], by: str) -> None:
    """Move the issue through the workflow; leaving *Done* clears the resolution. Raises Refused."""
    if number not in TRANSITIONS:
        message = f"It seems that you have tried to perform a workflow operation ({number}) that is not valid."
        raise Refused(message)
    _, target, default_resolution = TRANSITIONS[number]
    requested = (fields.get("resolution") or {}).get("name")
    if requested and (requested not in RESOLUTIONS or target != Issue.Status.DONE):
        raise Refused(errors={"resolution": f"Resolution '{requested}' is not valid for this transition."})
    resolution = requested or default_resolution
    ids = (STATUSES[Issue.Status(issue.status)][0], STATUSES[target][0])
    changes = [change("status", issue.status, target, ids=ids)]
    if issue.resolution != resolution:
        changes.append(change("resolution", issue.resolution, resolution))
    issue.status, issue.resolution = target, resolution
    issue.resolved = timezone.now() if resolution else None
    issue.touch()
    for operation in update.get("comment", []):
        comment(issue, str(operation.get("add", {}).get("body", "")), by)
    notify("jira:issue_updated", issue, by, changes=changes)


@transaction.atomic
def delete(issue: Issue, by: str) -> None:
    notify("jira:issue_deleted", issue, by)
    issue.delete()


@transaction.atomic
def move(issue: Issue, project: Project, by: str) -> None:
    """Move the issue to another project. It gets a new key; the old key continues to work."""
    if project.id == issue.project_id:
        return
    former_key, former_project = issue.key, issue.project.key
    FormerKey.objects.create(key=former_key, issue=issue)
    issue.project, issue.key = project, project.next_key()
    issue.touch()
    changes = [change("project", former_project, project.key), change("Key", former_key, issue.key)]
    notify("jira:issue_updated", issue, by, changes=changes)


def link(issue: Issue, payload: Mapping[str, Any]) -> tuple[RemoteLink, bool]:
    """Add a link to an external resource, or update the one with the same global id. Raises Refused.

    Returns the link and whether it is new.
    """
    target = payload.get("object") or {}
    if not target.get("url") or not target.get("title"):
        raise Refused(errors={name: f"'{name}' is required." for name in ("url", "title") if not target.get(name)})
    values = {"url": target["url"], "title": target["title"]}
    return RemoteLink.objects.update_or_create(issue=issue, global_id=payload.get("globalId", ""), defaults=values)
