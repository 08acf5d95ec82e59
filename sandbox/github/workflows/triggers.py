"""Which workflows an event starts. A run begins as a row; the CI does the rest."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Max
from django.utils import timezone

from sandbox.github import webhooks
from sandbox.github.git import history, objects, refs
from sandbox.github.git.program import ZERO
from sandbox.github.models import Pull, Repository, Workflow, WorkflowRun
from sandbox.github.payloads import pulls as pull_payloads
from sandbox.github.payloads import runs as payloads
from sandbox.github.workflows import bell, expressions, syntax
from sandbox.github.workflows.contexts import github_context
from sandbox.github.workflows.document import WorkflowError
from sandbox.github.workflows.expressions import ExpressionError, Scope
from sandbox.github.workflows.patterns import matches
from sandbox.github.workflows.syntax import WorkflowFile

FOLDER = ".github/workflows"
SKIP = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]")
PULL_TYPES = ["opened", "synchronize", "reopened"]


def push(repository: Repository, branch: str, before: str, after: str, by: str) -> None:
    """Start what a push to a branch starts; an invalid file becomes a failed run that says why."""
    commit = objects.commit(repository.path, after)
    if not repository.actions_enabled or any(mark in commit.message for mark in SKIP):
        return
    payload = {"ref": f"refs/heads/{branch}", "before": before, "after": after}
    for path, text in workflow_files(repository, after):
        try:
            workflow = syntax.read(path, text)
        except WorkflowError as error:
            _refused(repository, path, branch, after, by, payload, str(error))
            continue
        filters = workflow.on.get("push")
        if filters is None or not _branch_wanted(filters, branch):
            continue
        if _paths_wanted(filters, lambda: _pushed_paths(repository, before, after)):
            _start(repository, workflow, "push", branch, after, by, payload, None)


def pull_request(pull: Pull, action: str, by: str) -> None:
    """Start what a pull request's opening or change starts, at its head."""
    repository = pull.repository
    if not repository.actions_enabled:
        return
    payload = {"action": action, "number": pull.number, "pull_request": pull_payloads.simple(pull)}
    for path, text in workflow_files(repository, pull.head_sha):
        try:
            workflow = syntax.read(path, text)
        except WorkflowError:
            continue  # the push of the same commit has said so
        filters = workflow.on.get("pull_request")
        if filters is None or action not in filters.get("types", PULL_TYPES):
            continue
        if _branch_wanted(filters, pull.base) and _paths_wanted(filters, lambda: _pull_paths(pull)):
            _start(repository, workflow, "pull_request", pull.head, pull.head_sha, by, payload, pull)


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
    bell.ring()


def cancel(run: WorkflowRun) -> None:
    """Ask the CI to end it."""
    WorkflowRun.objects.filter(pk=run.pk).exclude(status="completed").update(cancelled=True)
    bell.ring()


def _branch_wanted(filters: dict[str, Any], branch: str) -> bool:
    if "branches" in filters:
        return matches(_list(filters["branches"]), branch)
    if "branches-ignore" in filters:
        return not matches(_list(filters["branches-ignore"]), branch)
    return "tags" not in filters


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _paths_wanted(filters: dict[str, Any], changed: Any) -> bool:
    if "paths" in filters:
        return any(matches(_list(filters["paths"]), path) for path in changed())
    if "paths-ignore" in filters:
        return not all(matches(_list(filters["paths-ignore"]), path) for path in changed())
    return True


def _pushed_paths(repository: Repository, before: str, after: str) -> list[str]:
    if before == ZERO:
        default = refs.of(repository.path, f"refs/heads/{repository.default_branch}")
        shared = history.merge_base(repository.path, default, after) if default and default != after else None
        before = shared or history.EMPTY_TREE
    return _flat(history.names(repository.path, before, after))


def _pull_paths(pull: Pull) -> list[str]:
    path = pull.repository.path
    shared = history.merge_base(path, pull.base_sha, pull.head_sha) or history.EMPTY_TREE
    return _flat(history.names(path, shared, pull.head_sha))


def _flat(names: dict[str, list[str]]) -> list[str]:
    return [name for group in names.values() for name in group]


def _row(
    repository: Repository,
    path: str,
    name: str,
    event: str,
    branch: str,
    sha: str,
    by: str,
    payload: dict[str, Any],
    pull: Pull | None,
) -> WorkflowRun:
    workflow, _ = Workflow.objects.update_or_create(repository=repository, path=path, defaults={"name": name})
    last = workflow.runs.aggregate(last=Max("number"))["last"] or 0
    commit = objects.commit(repository.path, sha)
    return WorkflowRun(
        repository=repository,
        workflow=workflow,
        number=last + 1,
        event=event,
        payload=payload,
        pull=pull,
        head_branch=branch,
        head_sha=sha,
        actor=by,
        title=pull.title if pull else commit.message.partition("\n")[0],
    )


def _refused(
    repository: Repository, path: str, branch: str, sha: str, by: str, payload: dict[str, Any], why: str
) -> None:
    run = _row(repository, path, path, "push", branch, sha, by, payload, None)
    _fail(run, f"Invalid workflow file: {path}. {why}")


def _fail(run: WorkflowRun, why: str) -> None:
    """A run that failed before it began: no jobs, only the sentence."""
    run.status, run.conclusion, run.message = "completed", "failure", why
    run.save()
    tell(run, "completed")


def _start(
    repository: Repository,
    workflow: WorkflowFile,
    event: str,
    branch: str,
    sha: str,
    by: str,
    payload: dict[str, Any],
    pull: Pull | None,
) -> None:
    run = _row(repository, workflow.path, workflow.name, event, branch, sha, by, payload, pull)
    run.save()  # its number is part of the context
    scope = Scope({"github": github_context(run), "vars": {}, "inputs": {}})
    try:
        if workflow.run_name:
            run.title = expressions.interpolate(workflow.run_name, scope)
        if workflow.concurrency:
            run.group = expressions.interpolate(workflow.concurrency.group, scope)
            _make_room(run, expressions.truthy(expressions.deep(workflow.concurrency.cancel, scope)))
    except ExpressionError as error:
        _fail(run, f"Invalid workflow file: {workflow.path}. {error}")
        return
    run.save()
    tell(run, "requested")
    bell.ring()


def _make_room(run: WorkflowRun, cancel_running: bool) -> None:
    """Of one concurrency group only the newest may wait; the one in progress ends too where the file says so."""
    others = WorkflowRun.objects.filter(repository=run.repository, group=run.group).exclude(pk=run.pk)
    others = others.exclude(status="completed")
    (others if cancel_running else others.exclude(status="in_progress")).update(cancelled=True)


def tell(run: WorkflowRun, action: str) -> None:
    about = {"workflow_run": payloads.run(run), "workflow": payloads.workflow(run.workflow)}
    webhooks.tell(run.repository, "workflow_run", action, run.actor, **about)
