"""Which run begins, which job is next, when a run is over: read from the rows each time, so that nothing is forgotten.

Few jobs at once (settings.JOBS_AT_ONCE). What was in progress when the sandbox died begins again from its first step.
"""

import logging
import shutil
import threading
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from sandbox.github.ci import programs, runner
from sandbox.github.ci.runner import Runner
from sandbox.github.models import Job, WorkflowRun
from sandbox.github.payloads.runs import job_page
from sandbox.github.workflows import expressions, triggers
from sandbox.github.workflows.contexts import github_context
from sandbox.github.workflows.document import WorkflowError
from sandbox.github.workflows.expressions import ExpressionError, Scope
from sandbox.github.workflows.syntax import JobSpec, WorkflowFile

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds, should a ring be lost
BAD = ("failure", "cancelled")


class Engine:
    """The thread that decides, and the threads of the running jobs."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._running: dict[int, Runner] = {}
        self._threads: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._work, name="ci", daemon=True)

    def start(self) -> None:
        programs.install()
        begin_again()
        triggers.rung.set()
        self._thread.start()

    def close(self) -> None:
        """Stop the processes of the running jobs; the rows stay in progress."""
        self._stop.set()
        triggers.rung.set()
        for one in list(self._running.values()):
            one.abandon()
        for thread in (self._thread, *self._threads):
            thread.join(timeout=5)

    def _work(self) -> None:
        while not self._stop.is_set():
            triggers.rung.wait(LOOK_EVERY)
            triggers.rung.clear()
            for run in _unfinished():
                self._look_safely(run)
        connections.close_all()

    def _look_safely(self, run: WorkflowRun) -> None:
        try:
            self._look(run)
        except (WorkflowError, ExpressionError) as error:
            conclude(run, "failure", str(error))
        except Exception:  # one run that cannot be read must not stop the others
            logger.exception("The run %s could not be advanced", run.pk)

    def _look(self, run: WorkflowRun) -> None:
        workflow = _workflow(run.pk, run.head_sha)
        if run.cancelled:
            self._cancel(run)
        if run.status in ("queued", "pending") and (run.cancelled or not begin(run, workflow)):
            return
        changed = True
        while changed and not self._stop.is_set():
            jobs = list(_jobs(run))
            changed = False
            for job in (one for one in jobs if one.status == "queued"):
                changed = self._advance(run, workflow, job, jobs) or changed
        jobs = list(_jobs(run))
        if all(job.status == "completed" for job in jobs):
            conclude(run, _conclusion(jobs))

    def _advance(self, run: WorkflowRun, workflow: WorkflowFile, job: Job, jobs: list[Job]) -> bool:
        """Start or skip a job whose needs are through; true when others may now be ready."""
        spec = workflow.jobs[job.key]
        by_key = {one.key: one for one in jobs}
        needed = [by_key[key] for key in spec.needs]
        if job.pk in self._running or any(one.status != "completed" for one in needed):
            return False
        needs = {one.key: {"result": one.conclusion, "outputs": one.outputs} for one in needed}
        if not self._wanted(run, workflow, spec, by_key, needs):
            finish(job, "skipped")
            return True
        if len(self._running) < settings.JOBS_AT_ONCE and not self._group_is_busy(job):
            self._launch(job, spec, workflow, needs)
        return False

    def _wanted(
        self, run: WorkflowRun, workflow: WorkflowFile, spec: JobSpec, jobs: dict[str, Job], needs: dict[str, Any]
    ) -> bool:
        results = [jobs[key].conclusion for key in _ancestors(workflow, spec)]
        status = {
            "success": lambda: all(result == "success" for result in results) and not run.cancelled,
            "failure": lambda: any(result in BAD for result in results),
            "cancelled": lambda: run.cancelled,
            "always": lambda: True,
        }
        contexts = {"github": github_context(run), "needs": needs, "vars": {}, "inputs": {}}
        return expressions.condition(spec.condition, Scope(contexts, status))

    def _group_is_busy(self, job: Job) -> bool:
        if not job.group:
            return False
        others = Job.objects.filter(repository=job.repository, group=job.group, status="in_progress")
        return others.exclude(pk=job.pk).exists()

    def _launch(self, job: Job, spec: JobSpec, workflow: WorkflowFile, needs: dict[str, Any]) -> None:
        made = Runner(job, spec, workflow, needs)
        self._running[job.pk] = made
        thread = threading.Thread(target=self._run, args=(made,), name=f"ci-job-{job.pk}", daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()

    def _run(self, one: Runner) -> None:
        try:
            one.run()
        finally:
            self._running.pop(one.job.pk, None)
            triggers.rung.set()
            connections.close_all()

    def _cancel(self, run: WorkflowRun) -> None:
        for job in _jobs(run):
            if job.pk in self._running:
                self._running[job.pk].cancel()
            elif job.status == "queued":
                finish(job, "cancelled")
        if run.status in ("queued", "pending"):
            conclude(run, "cancelled")


def _unfinished() -> Iterable[WorkflowRun]:
    return (
        WorkflowRun.objects.exclude(status="completed").select_related("repository", "workflow", "pull").order_by("pk")
    )


def _jobs(run: WorkflowRun) -> Iterable[Job]:
    found = Job.objects.filter(run=run, attempt=run.attempt).order_by("position")
    return found.select_related("repository", "run__repository", "run__workflow", "run__pull")


@lru_cache(maxsize=200)
def _workflow(number: int, sha: str) -> WorkflowFile:
    """The file of a run, read once: a commit does not change."""
    return triggers.load(WorkflowRun.objects.select_related("repository", "workflow").get(pk=number))


def begin(run: WorkflowRun, workflow: WorkflowFile) -> bool:
    """Make the jobs of a run and let it be in progress; false while its concurrency group is busy."""
    mine = WorkflowRun.objects.filter(repository=run.repository, group=run.group, status="in_progress")
    if run.group and mine.exclude(pk=run.pk).exists():
        if run.status != "pending":
            WorkflowRun.objects.filter(pk=run.pk).update(status="pending")
        return False
    with transaction.atomic():
        run.status = "in_progress"
        if not run.broken and run.repository.break_next:
            run.broken = run.repository.break_next
            run.repository.break_next = ""
            run.repository.save(update_fields=["break_next"])
        run.save()
        for position, (key, spec) in enumerate(workflow.jobs.items()):
            _make_job(run, key, spec, position)
        triggers.tell(run, "in_progress")
    return True


def _make_job(run: WorkflowRun, key: str, spec: JobSpec, position: int) -> None:
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
            "steps": runner.plan(spec),
        },
    )
    job.details_url = job_page(job)
    job.save()


def finish(job: Job, conclusion: str) -> None:
    """End a job that did not run."""
    job.status, job.conclusion, job.steps = "completed", conclusion, []
    job.started_at = job.completed_at = timezone.now()
    job.save()


def conclude(run: WorkflowRun, conclusion: str, message: str = "") -> None:
    with transaction.atomic():
        run.status, run.conclusion, run.message = "completed", conclusion, message
        run.save()
        triggers.tell(run, "completed")


def _ancestors(workflow: WorkflowFile, spec: JobSpec) -> set[str]:
    found = set(spec.needs)
    for key in spec.needs:
        found |= _ancestors(workflow, workflow.jobs[key])
    return found


def _conclusion(jobs: list[Job]) -> str:
    results = {job.conclusion for job in jobs}
    for bad in ("cancelled", "failure"):
        if bad in results:
            return bad
    return "skipped" if results == {"skipped"} else "success"


def begin_again() -> None:
    """After a crash: put every unfinished job back to its start."""
    shutil.rmtree(settings.DATA / "jobs", ignore_errors=True)
    for run in _unfinished():
        for job in _jobs(run):
            if job.status != "completed":
                shutil.rmtree(job.log, ignore_errors=True)
                job.status, job.started_at, job.annotations, job.summary = "queued", None, [], ""
                job.save()
