"""Which workflows an event starts. A run begins as a row; the CI does the rest."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from sandbox.github import webhooks
from sandbox.github.git import objects
from sandbox.github.models import Pull, Repository, Workflow, WorkflowRun
from sandbox.github.payloads import pulls as pull_payloads
from sandbox.github.payloads import runs as payloads
from sandbox.github.workflows import expressions, syntax
from sandbox.github.workflows.contexts import github_context
from sandbox.github.workflows.document import WorkflowError
from sandbox.github.workflows.expressions import ExpressionError, Scope
from sandbox.github.workflows.patterns import matches
from sandbox.github.workflows.syntax import Filters, WorkflowFile

FOLDER = ".github/workflows"
rung = threading.Event()
"""Wakes the CI once what it should look at is stored."""


@dataclass(frozen=True)
class Happened:
    """What may start workflows; `payload` is what `github.event` says of it."""

    repository: Repository
    event: str
    branch: str
    sha: str
    by: str
    payload: dict[str, Any]
    pull: Pull | None = None


def push(repository: Repository, branch: str, before: str, after: str, by: str) -> None:
    """Start what a push to a branch starts; an invalid file becomes a failed run that says why."""
    payload = {"ref": f"refs/heads/{branch}", "before": before, "after": after}
    _start_all(Happened(repository, "push", branch, after, by, payload), branch)


def pull_request(pull: Pull, action: str, by: str) -> None:
    """Start what a pull request's opening or change starts, at its head."""
    payload = {"action": action, "number": pull.number, "pull_request": pull_payloads.simple(pull)}
    happened = Happened(pull.repository, "pull_request", pull.head, pull.head_sha, by, payload, pull)
    _start_all(happened, pull.base)


def _start_all(happened: Happened, branch: str) -> None:
    """`branch` is what a file's filters are about."""
    if not happened.repository.actions_enabled:
        return
    for path, text in workflow_files(happened.repository, happened.sha):
        try:
            workflow = syntax.read(path, text)
        except WorkflowError as error:
            if happened.event == "push":  # a pull request's head was pushed, which has said so
                _fail(_row(happened, path, path), f"Invalid workflow file: {path}. {error}")
            continue
        filters = workflow.on.get(happened.event)  # type: ignore[call-overload]  # any event may be asked for
        if filters and _wanted(happened, filters, branch):
            _start(happened, workflow)


def _wanted(happened: Happened, filters: Filters, branch: str) -> bool:
    """Filters of paths are taken and not looked at: such a workflow runs oftener than at GitHub, never less."""
    if happened.event == "pull_request" and happened.payload["action"] not in filters.types:
        return False
    if filters.branches is not None:
        return matches(filters.branches, branch)
    if filters.branches_ignore is not None:
        return not matches(filters.branches_ignore, branch)
    return filters.tags is None


def workflow_files(repository: Repository, sha: str) -> Iterator[tuple[str, str]]:
    for entry in objects.entries(repository.path, sha, below=f"{FOLDER}/"):
        if entry.type == "blob" and entry.path.endswith((".yml", ".yaml")):
            yield entry.path, objects.blob(repository.path, entry.sha).decode(errors="replace")


def load(run: WorkflowRun) -> WorkflowFile:
    """The file of a run, at its commit. Raises WorkflowError."""
    content = objects.file(run.repository.path, run.head_sha, run.workflow.path)
    if content is None:
        raise WorkflowError(f"{run.workflow.path} is not at {run.head_sha}")
    return syntax.read(run.workflow.path, content.decode(errors="replace"))


def rerun(run: WorkflowRun) -> None:
    """Run it once more as the next attempt of the same run."""
    run.attempt += 1
    run.status, run.conclusion, run.cancelled, run.broken = "queued", "", False, ""
    run.started_at = timezone.now()
    run.save()
    tell(run, "requested")
    transaction.on_commit(rung.set)


def cancel(run: WorkflowRun) -> None:
    """Ask the CI to end it."""
    WorkflowRun.objects.filter(pk=run.pk).exclude(status="completed").update(cancelled=True)
    transaction.on_commit(rung.set)


def _row(happened: Happened, path: str, name: str) -> WorkflowRun:
    repository, pull = happened.repository, happened.pull
    workflow, _ = Workflow.objects.update_or_create(repository=repository, path=path, defaults={"name": name})
    last = workflow.runs.aggregate(last=Max("number"))["last"] or 0
    commit = objects.commit(repository.path, happened.sha)
    return WorkflowRun(
        repository=repository,
        workflow=workflow,
        number=last + 1,
        event=happened.event,
        payload=happened.payload,
        pull=pull,
        head_branch=happened.branch,
        head_sha=happened.sha,
        actor=happened.by,
        title=pull.title if pull else commit.message.partition("\n")[0],
    )


def _fail(run: WorkflowRun, why: str) -> None:
    """A run that failed before it began: no jobs, only the sentence."""
    run.status, run.conclusion, run.message = "completed", "failure", why
    run.save()
    tell(run, "completed")


def _start(happened: Happened, workflow: WorkflowFile) -> None:
    run = _row(happened, workflow.path, workflow.name)
    run.save()  # its number is part of the context
    scope = Scope({"github": github_context(run), "vars": {}, "inputs": {}})
    try:
        if workflow.run_name:
            run.title = expressions.interpolate(workflow.run_name, scope)
        if workflow.concurrency:
            run.group = expressions.interpolate(workflow.concurrency.group, scope)
            _make_room(run, expressions.holds(workflow.concurrency.cancel_in_progress, scope))
    except ExpressionError as error:
        _fail(run, f"Invalid workflow file: {workflow.path}. {error}")
        return
    run.save()
    tell(run, "requested")
    transaction.on_commit(rung.set)


def _make_room(run: WorkflowRun, cancel_running: bool) -> None:
    """Of one concurrency group only the newest may wait; the one in progress ends too where the file says so."""
    others = WorkflowRun.objects.filter(repository=run.repository, group=run.group).exclude(pk=run.pk)
    others = others.exclude(status="completed")
    (others if cancel_running else others.exclude(status="in_progress")).update(cancelled=True)


def tell(run: WorkflowRun, action: str) -> None:
    about = {"workflow_run": payloads.run(run), "workflow": payloads.workflow(run.workflow)}
    webhooks.tell(run.repository, "workflow_run", action, run.actor, **about)
