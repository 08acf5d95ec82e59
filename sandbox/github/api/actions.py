"""Checks, workflow runs, jobs and their logs."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from sandbox.github import checks
from sandbox.github.addresses import web
from sandbox.github.api.door import Answer, Call
from sandbox.github.api.pages import page
from sandbox.github.ci import logs
from sandbox.github.git import objects, refs
from sandbox.github.models import CheckRun, Job, WorkflowRun
from sandbox.github.payloads import runs as payloads
from sandbox.github.refusals import Refused, found, invalid, not_found
from sandbox.github.workflows import triggers

STATUSES = ("queued", "in_progress", "completed")
CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "stale", "timed_out")


def _sha(call: Call, ref: str) -> str:
    return found(refs.resolve(call.repository.path, ref), Refused(422, f"No commit found for SHA: {ref}"))


def check_runs(call: Call, ref: str) -> Answer:
    return page(call, checks.of(call.repository, _sha(call, ref))[::-1], payloads.check_run, wrapped="check_runs")


def _check(call: Call, number: int) -> CheckRun:
    return found(call.repository.check_runs.filter(pk=number).select_related("repository").first())


def check_run(call: Call, number: int) -> Any:
    return payloads.check_run(_check(call, number))


def create_check_run(call: Call) -> Answer:
    call.need("write")
    sha = call.field("head_sha")
    if objects.type_of(call.repository.path, sha) != "commit":
        raise Refused(422, f"No commit found for SHA: {sha}")
    made = CheckRun(repository=call.repository, name=call.field("name"), head_sha=sha)
    _fill(call, made)
    return Answer(payloads.check_run(made), 201)


def change_check_run(call: Call, number: int) -> Any:
    call.need("write")
    one = _check(call, number)
    if Job.objects.filter(pk=one.pk).exists():
        raise Refused(403, "Resource not accessible: the check run belongs to GitHub Actions")
    _fill(call, one)
    return payloads.check_run(one)


def _fill(call: Call, one: CheckRun) -> None:
    conclusion = call.field("conclusion", str, one.conclusion)
    status = call.field("status", str, "completed" if conclusion else one.status)
    if status not in STATUSES or (status == "completed") != (conclusion in CONCLUSIONS):
        raise invalid("CheckRun", "status", "invalid")
    one.status, one.conclusion = status, conclusion
    one.started_at = one.started_at or timezone.now()
    one.completed_at = timezone.now() if status == "completed" else None
    one.details_url = call.field("details_url", str, one.details_url)
    one.save()


def _runs(call: Call) -> QuerySet[WorkflowRun]:
    return WorkflowRun.objects.filter(repository=call.repository).select_related("repository", "workflow", "pull")


def runs(call: Call) -> Answer:
    query = call.request.GET
    columns = {"head_sha": "head_sha", "branch": "head_branch", "event": "event"}
    wanted = {column: query[name] for name, column in columns.items() if query.get(name)}
    return page(call, _runs(call).filter(**wanted).order_by("-pk"), payloads.run, wrapped="workflow_runs")


def _run(call: Call, number: int) -> WorkflowRun:
    return found(_runs(call).filter(pk=number).first())


def run(call: Call, number: int) -> Any:
    return payloads.run(_run(call, number))


def jobs(call: Call, number: int) -> Answer:
    one = _run(call, number)
    own = one.jobs.filter(attempt=one.attempt).select_related("repository", "run__repository", "run__workflow")
    return page(call, own.order_by("position", "pk"), payloads.job, wrapped="jobs")


def rerun(call: Call, number: int) -> Answer:
    call.need("write")
    one = _run(call, number)
    if one.status != "completed":
        raise Refused(403, "The workflow run is already running")
    if one.message:
        raise Refused(403, "Unable to retry this workflow run because it was created from an invalid workflow file")
    with transaction.atomic():
        triggers.rerun(one)
    return Answer({}, 201)


def cancel(call: Call, number: int) -> Answer:
    call.need("write")
    one = _run(call, number)
    if one.status == "completed":
        raise Refused(409, "Cannot cancel a workflow run that is completed.")
    triggers.cancel(one)
    return Answer({}, 202)


def job_logs(call: Call, number: int) -> Answer:
    """GitHub sends the reader on to a short-lived address of the text."""
    call.by  # noqa: B018 - logs are for those who signed in
    one = Job.objects.filter(repository=call.repository, pk=number).first()
    if one is None or not logs.exists(one):
        raise not_found()
    return Answer(status=302, headers={"Location": web("_logs", logs.ticket(one))})


def log_text(request: HttpRequest, ticket: str) -> HttpResponse:
    """The text itself; the ticket in its address is good for a minute."""
    number = logs.ticket_holder(ticket)
    one = Job.objects.filter(pk=number).first() if number is not None else None
    if one is None:
        return HttpResponse("This address has expired.", status=403, content_type="text/plain")
    return HttpResponse(logs.whole(one), content_type="text/plain; charset=utf-8")


def permissions(call: Call) -> Any:
    """Whether Actions may run here, and which."""
    enabled = call.repository.actions_enabled and not call.repository.archived
    return {"enabled": enabled, **({"allowed_actions": "all"} if enabled else {})}


def set_permissions(call: Call) -> Answer:
    call.need("admin")
    call.repository.actions_enabled = call.field("enabled", bool)
    call.repository.save(update_fields=["actions_enabled"])
    return Answer(status=204)
