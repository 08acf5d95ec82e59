"""The states of runs and jobs in the database: queued, in progress, completed."""

import shutil
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from sandbox.github.ci import job_record
from sandbox.github.models import Job, WorkflowRun
from sandbox.github.payloads.runs import job_page
from sandbox.github.workflows import expressions, runs
from sandbox.github.workflows.contexts import github_context
from sandbox.github.workflows.parser import Scope
from sandbox.github.workflows.schema import JobSpec, WorkflowFile


def unfinished_runs() -> Iterable[WorkflowRun]:
    return (
        WorkflowRun.objects.filter(Q(held=False) | Q(cancelled=True))
        .exclude(status="completed")
        .select_related("repository", "workflow", "pull")
        .order_by("pk")
    )


def jobs_of(run: WorkflowRun) -> Iterable[Job]:
    rows = Job.objects.filter(run=run, attempt=run.attempt).order_by("position")
    return rows.select_related("repository", "run__repository", "run__workflow", "run__pull")


def begin(run: WorkflowRun, workflow: WorkflowFile) -> bool:
    """Create the jobs of a run and start it. False while its concurrency group is busy."""
    group_runs = WorkflowRun.objects.filter(repository=run.repository, group=run.group, status="in_progress")
    if run.group and group_runs.exclude(pk=run.pk).exists():
        if run.status != "pending":
            WorkflowRun.objects.filter(pk=run.pk).update(status="pending")
        return False
    with transaction.atomic():
        run.status = "in_progress"
        _break_if_requested(run)
        run.save()
        for position, (key, spec) in enumerate(workflow.jobs.items()):
            _create_job(run, key, spec, position)
        runs.emit(run, "in_progress")
    return True


def _break_if_requested(run: WorkflowRun) -> None:
    """Move the repository's request to break the next run to this run."""
    if not run.broken and run.repository.break_next:
        run.broken = run.repository.break_next
        run.repository.break_next = ""
        run.repository.save(update_fields=["break_next"])


def _create_job(run: WorkflowRun, key: str, spec: JobSpec, position: int) -> None:
    scope = Scope({"github": github_context(run), "vars": {}, "inputs": {}, "needs": {}})
    group = expressions.interpolate(spec.concurrency.group, scope) if spec.concurrency else ""
    job, _ = Job.objects.get_or_create(
        run=run,
        attempt=run.attempt,
        key=key,
        defaults={
            "repository": run.repository,
            "name": expressions.interpolate(spec.name or key, scope),
            "head_sha": run.head_sha,
            "position": position,
            "group": group,
            "steps": job_record.queued_steps(spec),
        },
    )
    job.details_url = job_page(job)
    job.save()


def finish_without_running(job: Job, conclusion: str) -> None:
    job.status, job.conclusion, job.steps = "completed", conclusion, []
    job.started_at = job.completed_at = timezone.now()
    job.save()


def conclude(run: WorkflowRun, conclusion: str, message: str = "") -> None:
    with transaction.atomic():
        run.status, run.conclusion, run.message = "completed", conclusion, message
        run.save()
        runs.emit(run, "completed")


def requeue_interrupted_jobs() -> None:
    """After a crash, reset every unfinished job so that it starts again."""
    shutil.rmtree(settings.DATA / "jobs", ignore_errors=True)
    for run in unfinished_runs():
        for job in jobs_of(run):
            if job.status != "completed":
                shutil.rmtree(job.log, ignore_errors=True)
                job.status, job.started_at, job.annotations, job.summary = "queued", None, [], ""
                job.save()
