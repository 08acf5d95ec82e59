"""Workflow runs, jobs and their logs."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from sandbox.github.api.call import Call, Response
from sandbox.github.api.pagination import paginated
from sandbox.github.ci import logs
from sandbox.github.errors import ApiError, not_found, required
from sandbox.github.formats import node_id, repository_api, repository_page, web_url
from sandbox.github.git import objects
from sandbox.github.models import Job, Workflow, WorkflowRun
from sandbox.github.payloads import people
from sandbox.github.payloads import runs as payloads
from sandbox.github.workflows import runs as workflow_runs

ENVIRONMENT = "production"
"""The one whose deployments wait for approval."""


def _runs(call: Call) -> QuerySet[WorkflowRun]:
    return WorkflowRun.objects.filter(repository=call.repository).select_related("repository", "workflow", "pull")


def runs(call: Call) -> Response:
    return _listed(call, _runs(call))


def _listed(call: Call, rows: QuerySet[WorkflowRun]) -> Response:
    query = call.request.GET
    columns = {"head_sha": "head_sha", "branch": "head_branch", "event": "event", "status": "status"}
    filters = {column: query[name] for name, column in columns.items() if query.get(name)}
    return paginated(call, rows.filter(**filters).order_by("-pk"), payloads.run, key="workflow_runs")


def _workflow(call: Call, workflow: str) -> Workflow:
    """By its id, or by the name of a file that the default branch has: GitHub knows no other files by name (cli/cli #9781)."""
    repository = call.repository
    rows = Workflow.objects.filter(repository=repository).select_related("repository")
    if workflow.isdecimal():
        return required(rows.filter(pk=int(workflow)).first())
    path = f".github/workflows/{workflow}"
    if objects.file(repository.path, repository.default_branch, path) is None:
        raise ApiError(404, f"workflow {workflow} not found on the default branch")
    return required(rows.filter(path=path).first())


def workflow(call: Call, workflow: str) -> Any:
    return payloads.workflow(_workflow(call, workflow))


def runs_of_workflow(call: Call, workflow: str) -> Response:
    return _listed(call, _runs(call).filter(workflow=_workflow(call, workflow)))


def disable_workflow(call: Call, workflow: str) -> Response:
    return _set_state(call, workflow, "disabled_manually")


def enable_workflow(call: Call, workflow: str) -> Response:
    return _set_state(call, workflow, "active")


def _set_state(call: Call, workflow: str, state: str) -> Response:
    call.require("write")
    row = _workflow(call, workflow)
    row.state = state
    row.save()
    return Response(status=204)


def pending_deployments(call: Call, number: int) -> list[Any]:
    run = _run(call, number)
    if run.status != "waiting":
        return []
    environment = {
        "id": 1,
        "node_id": node_id("Environment", 1),
        "name": ENVIRONMENT,
        "url": repository_api(call.repository, "environments", ENVIRONMENT),
        "html_url": repository_page(call.repository, "deployments"),
    }
    reviewers = [{"type": "User", "reviewer": people.simple("alice")}]
    return [
        {
            "environment": environment,
            "wait_timer": 0,
            "wait_timer_started_at": None,
            "current_user_can_approve": False,
            "reviewers": reviewers,
        }
    ]


def _run(call: Call, number: int) -> WorkflowRun:
    return required(_runs(call).filter(pk=number).first())


def run(call: Call, number: int) -> Any:
    return payloads.run(_run(call, number))


def jobs(call: Call, number: int) -> Response:
    run = _run(call, number)
    rows = run.jobs.filter(attempt=run.attempt).select_related("repository", "run__repository", "run__workflow")
    return paginated(call, rows.order_by("position", "pk"), payloads.job, key="jobs")


def rerun(call: Call, number: int) -> Response:
    call.require("write")
    run = _run(call, number)
    if run.status != "completed":
        raise ApiError(403, "The workflow run is already running")
    if run.message or run.conclusion == "startup_failure":
        raise ApiError(403, "Unable to retry this workflow run because it was created from an invalid workflow file")
    with transaction.atomic():
        workflow_runs.rerun(run)
    return Response({}, 201)


def cancel(call: Call, number: int) -> Response:
    call.require("write")
    run = _run(call, number)
    if run.status == "completed":
        raise ApiError(409, "Cannot cancel a workflow run that is completed.")
    workflow_runs.cancel(run)
    return Response({}, 202)


def job_logs(call: Call, number: int) -> Response:
    """Redirects to a short-lived URL of the text, as GitHub does."""
    call.require_account()
    job = Job.objects.filter(repository=call.repository, pk=number).first()
    if job is None or not logs.exists(job):
        raise not_found()
    return Response(status=302, headers={"Location": web_url("_logs", logs.ticket(job))})


def log_text(request: HttpRequest, ticket: str) -> HttpResponse:
    """The text itself. The ticket in its URL is valid for a minute."""
    number = logs.job_of_ticket(ticket)
    job = Job.objects.filter(pk=number).first() if number is not None else None
    if job is None:
        return HttpResponse("This URL has expired.", status=403, content_type="text/plain")
    return HttpResponse(logs.job_text(job), content_type="text/plain; charset=utf-8")


def permissions(call: Call) -> Any:
    """Whether Actions are enabled in the repository, and which of them are allowed. For administrators, as at GitHub."""
    call.require("admin")
    enabled = call.repository.actions_enabled and not call.repository.archived
    allowed = call.repository.allowed_actions
    return {"enabled": enabled, **({"allowed_actions": allowed} if enabled else {})}


def set_permissions(call: Call) -> Response:
    call.require("admin")
    call.repository.actions_enabled = call.field("enabled", bool)
    call.repository.allowed_actions = call.field("allowed_actions", str, "all")
    call.repository.save(update_fields=["actions_enabled", "allowed_actions"])
    return Response(status=204)
