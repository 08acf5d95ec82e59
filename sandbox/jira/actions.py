"""What can be done to issues, by the API and by the buttons of the board alike; each tells the webhooks."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from sandbox.jira.describe import FIRST_ID, RESOLUTIONS, STATUSES, TRANSITIONS, TYPES
from sandbox.jira.hooks import change, tell
from sandbox.jira.models import Comment, FormerKey, Issue, Project, RemoteLink, index_lag
from sandbox.jira.refusals import Refused

SETTABLE = {"project", "issuetype", "summary", "description", "labels"}


def find(said: str) -> Issue | None:
    """The issue of a key, a former key or an id."""
    issues = Issue.objects.select_related("project")
    if said.isdigit():
        return issues.filter(id=int(said) - FIRST_ID).first()
    key = said.upper()
    return issues.filter(key=key).first() or issues.filter(former_keys__key=key).first()


@transaction.atomic
def create(fields: Mapping[str, Any], properties: Mapping[str, Any], by: str) -> Issue:
    """A new issue. Raises Refused, naming every field that is wrong."""
    project = Project.objects.filter(key=(fields.get("project") or {}).get("key", "")).first()
    kind = (fields.get("issuetype") or {}).get("name")
    errors = _wrong(fields)
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
    tell("jira:issue_created", issue, by)
    return issue


def _wrong(fields: Mapping[str, Any]) -> dict[str, str]:
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
    if len(str(fields.get("description") or "")) > 32_767:
        errors["description"] = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
    return errors


@transaction.atomic
def comment(issue: Issue, body: str, by: str) -> Comment:
    """Raises Refused where there is nothing to say."""
    if not body.strip():
        raise Refused(errors={"comment": "Comment body can not be empty!"})
    made = Comment.objects.create(issue=issue, author=by, body=body)
    issue.touch()
    tell("comment_created", issue, by, note=made)
    tell("jira:issue_updated", issue, by, note=made)
    return made


@transaction.atomic
def transition(issue: Issue, number: str, fields: Mapping[str, Any], update: Mapping[str, Any], by: str) -> None:
    """Move it through the workflow; leaving *Done* clears the resolution. Raises Refused."""
    if number not in TRANSITIONS:
        message = f"It seems that you have tried to perform a workflow operation ({number}) that is not valid."
        raise Refused(message)
    _, to, resolution = TRANSITIONS[number]
    said = (fields.get("resolution") or {}).get("name")
    if said and (said not in RESOLUTIONS or to != Issue.Status.DONE):
        raise Refused(errors={"resolution": f"Resolution '{said}' is not valid for this transition."})
    changes = [change("status", issue.status, to, ids=(STATUSES[Issue.Status(issue.status)][0], STATUSES[to][0]))]
    after = said or resolution
    if issue.resolution != after:
        changes.append(change("resolution", issue.resolution, after))
    issue.status, issue.resolution = to, after
    issue.resolved = timezone.now() if after else None
    issue.touch()
    for operation in update.get("comment", []):
        comment(issue, str(operation.get("add", {}).get("body", "")), by)
    tell("jira:issue_updated", issue, by, changes=changes)


@transaction.atomic
def delete(issue: Issue, by: str) -> None:
    tell("jira:issue_deleted", issue, by)
    issue.delete()


@transaction.atomic
def move(issue: Issue, project: Project, by: str) -> None:
    """To another project: a new key; the old one stays an address of it."""
    if project.id == issue.project_id:
        return
    before, origin = issue.key, issue.project.key
    FormerKey.objects.create(key=before, issue=issue)
    issue.project, issue.key = project, project.next_key()
    issue.touch()
    changes = [change("project", origin, project.key), change("Key", before, issue.key)]
    tell("jira:issue_updated", issue, by, changes=changes)


def link(issue: Issue, said: Mapping[str, Any]) -> tuple[RemoteLink, bool]:
    """Point at something outside; the same global id is updated, not added again. Raises Refused."""
    target = said.get("object") or {}
    if not target.get("url") or not target.get("title"):
        raise Refused(errors={name: f"'{name}' is required." for name in ("url", "title") if not target.get(name)})
    values = {"url": target["url"], "title": target["title"]}
    return RemoteLink.objects.update_or_create(issue=issue, global_id=said.get("globalId", ""), defaults=values)
