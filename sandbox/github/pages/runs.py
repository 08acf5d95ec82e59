"""The page of a workflow run with the logs of its jobs, and the buttons that re-run or cancel it."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render

from sandbox.github.ci import logs
from sandbox.github.models import Job, Repository, WorkflowRun
from sandbox.github.pages.rendering import context, page
from sandbox.github.payloads.runs import run_page
from sandbox.github.workflows import runs


def _run(repository: Repository, number: int) -> WorkflowRun:
    rows = WorkflowRun.objects.select_related("repository", "workflow", "pull")
    return get_object_or_404(rows, repository=repository, pk=number)


@page("GET", "HEAD")
def show(request: HttpRequest, repository: Repository, number: int, job: int | None = None) -> HttpResponse:
    run = _run(repository, number)
    rows = Job.objects.filter(run=run, attempt=run.attempt).order_by("position")
    jobs = [{"job": row, "steps": _steps(row), "open": _is_open(row, job)} for row in rows]
    return render(request, "github/run.html", context(request, repository=repository, run=run, jobs=jobs))


def _is_open(job: Job, selected: int | None) -> bool:
    """Whether the logs of the job's unsuccessful steps are expanded."""
    return job.pk == selected or (selected is None and job.conclusion not in ("success", "skipped"))


def _steps(job: Job) -> list[dict[str, Any]]:
    return [step | {"log": logs.step_text(job, step["number"])} for step in job.steps]


@page("POST")
def act(request: HttpRequest, repository: Repository, number: int, action: str) -> HttpResponse:
    run = _run(repository, number)
    if action == "rerun" and run.status == "completed" and not run.message:
        with transaction.atomic():
            runs.rerun(run)
    elif action == "release" and (run.held or run.conclusion == "action_required"):
        with transaction.atomic():
            runs.release(run)
    elif action == "cancel":
        runs.cancel(run)
    return HttpResponseRedirect(run_page(run))
