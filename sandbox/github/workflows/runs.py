"""The life of a workflow run as a row: created, re-run, cancelled. The CI executes it."""

import threading
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from sandbox.github import webhooks
from sandbox.github.git import objects
from sandbox.github.models import Pull, Repository, Workflow, WorkflowRun
from sandbox.github.payloads import runs as payloads
from sandbox.github.workflows import expressions, syntax
from sandbox.github.workflows.contexts import github_context
from sandbox.github.workflows.document import WorkflowError
from sandbox.github.workflows.parser import ExpressionError, Scope
from sandbox.github.workflows.schema import WorkflowFile

FATES = {
    "queued": ("queued", ""),
    "waiting": ("waiting", ""),
    "action_required": ("completed", "action_required"),
    "startup_failure": ("completed", "startup_failure"),
    "cancelled": ("completed", "cancelled"),
    "failure": ("completed", "failure"),
    "success": ("completed", "success"),
}
"""What can become of a run instead of running: its status and conclusion. Nobody takes it, somebody must approve its deployment,
or that it runs at all, it cannot start, somebody cancels it, or it fails or succeeds although nothing was done."""
work_available = threading.Event()
"""Wakes the CI after a change has been committed."""


@dataclass(frozen=True)
class Trigger:
    """An event that can start workflows; `payload` becomes `github.event`."""

    repository: Repository
    event: str
    branch: str
    sha: str
    by: str
    payload: dict[str, Any]
    pull: Pull | None = None


def load(run: WorkflowRun) -> WorkflowFile:
    """The workflow file of a run, at its commit. Raises WorkflowError."""
    content = objects.file(run.repository.path, run.head_sha, run.workflow.path)
    if content is None:
        raise WorkflowError(f"{run.workflow.path} does not exist at {run.head_sha}")
    return syntax.parse(run.workflow.path, content.decode(errors="replace"))


def start(trigger: Trigger, workflow: WorkflowFile) -> None:
    run = _new_run(trigger, workflow.path, workflow.name)
    run.save()  # its number is part of the context
    scope = Scope({"github": github_context(run), "vars": {}, "inputs": {}})
    try:
        if workflow.run_name:
            run.title = expressions.interpolate(workflow.run_name, scope)
        if workflow.concurrency:
            run.group = expressions.interpolate(workflow.concurrency.group, scope)
            _cancel_superseded(run, expressions.is_true(workflow.concurrency.cancel_in_progress, scope))
    except ExpressionError as error:
        _fail(run, f"Invalid workflow file: {workflow.path}. {error}")
        return
    if trigger.repository.next_runs:
        run.status, run.conclusion = FATES[trigger.repository.next_runs]
        run.held = run.status != "completed"
    run.save()
    emit(run, "requested")
    transaction.on_commit(work_available.set)


def fail_invalid(trigger: Trigger, path: str, error: WorkflowError) -> None:
    """Record a failed run without jobs for an invalid workflow file."""
    _fail(_new_run(trigger, path, path), f"Invalid workflow file: {path}. {error}")


def _new_run(trigger: Trigger, path: str, name: str) -> WorkflowRun:
    repository, pull = trigger.repository, trigger.pull
    workflow, _ = Workflow.objects.update_or_create(repository=repository, path=path, defaults={"name": name})
    last = workflow.runs.aggregate(last=Max("number"))["last"] or 0
    commit = objects.commit(repository.path, trigger.sha)
    return WorkflowRun(
        repository=repository,
        workflow=workflow,
        number=last + 1,
        event=trigger.event,
        payload=trigger.payload,
        pull=pull,
        head_branch=trigger.branch,
        head_sha=trigger.sha,
        actor=trigger.by,
        title=pull.title if pull else commit.message.partition("\n")[0],
    )


def _fail(run: WorkflowRun, message: str) -> None:
    run.status, run.conclusion, run.message = "completed", "failure", message
    run.save()
    emit(run, "completed")


def _cancel_superseded(run: WorkflowRun, cancel_running: bool) -> None:
    """Cancel the older runs of the concurrency group that are waiting, and the running one if the file says so."""
    others = WorkflowRun.objects.filter(repository=run.repository, group=run.group).exclude(pk=run.pk)
    others = others.exclude(status="completed")
    (others if cancel_running else others.exclude(status="in_progress")).update(cancelled=True)


def rerun(run: WorkflowRun) -> None:
    """Run it again, as the next attempt of the same run."""
    run.attempt += 1
    run.status, run.conclusion, run.cancelled, run.broken = "queued", "", False, ""
    run.started_at = timezone.now()
    run.save()
    emit(run, "requested")
    transaction.on_commit(work_available.set)


def release(run: WorkflowRun) -> None:
    """Let a run go on that waited for a runner or an approval."""
    run.held, run.status, run.conclusion = False, "queued", ""
    run.save()
    transaction.on_commit(work_available.set)


def cancel(run: WorkflowRun) -> None:
    """Ask the CI to stop the run."""
    WorkflowRun.objects.filter(pk=run.pk).exclude(status="completed").update(cancelled=True)
    transaction.on_commit(work_available.set)


def emit(run: WorkflowRun, action: str) -> None:
    """Send the `workflow_run` webhook."""
    body = {"workflow_run": payloads.run(run), "workflow": payloads.workflow(run.workflow)}
    webhooks.emit(run.repository, "workflow_run", action, run.actor, **body)
