"""Schedules runs and jobs. All state is read from the database each time, so a restart loses nothing.

At most settings.JOBS_AT_ONCE jobs run at the same time. A job that was in progress when the sandbox died starts again
from its first step.
"""

import logging
import threading
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connections

from sandbox.github.ci import lifecycle, programs
from sandbox.github.ci.runner import Runner
from sandbox.github.models import Job, WorkflowRun
from sandbox.github.workflows import expressions, runs
from sandbox.github.workflows.contexts import github_context
from sandbox.github.workflows.document import WorkflowError
from sandbox.github.workflows.parser import ExpressionError, Scope
from sandbox.github.workflows.schema import JobSpec, WorkflowFile

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0  # in case a wake-up is lost
UNSUCCESSFUL = ("failure", "cancelled")


class Engine:
    """The scheduling thread, and one thread for each running job."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._running: dict[int, Runner] = {}
        self._threads: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._schedule, name="ci", daemon=True)

    def start(self) -> None:
        programs.install()
        lifecycle.requeue_interrupted_jobs()
        runs.work_available.set()
        self._thread.start()

    def close(self) -> None:
        """Stop the processes of the running jobs. The rows stay in progress."""
        self._stop.set()
        runs.work_available.set()
        for runner in list(self._running.values()):
            runner.abandon()
        for thread in (self._thread, *self._threads):
            thread.join(timeout=5)

    def _schedule(self) -> None:
        while not self._stop.is_set():
            runs.work_available.wait(POLL_SECONDS)
            runs.work_available.clear()
            for run in lifecycle.unfinished_runs():
                self._advance_safely(run)
        connections.close_all()

    def _advance_safely(self, run: WorkflowRun) -> None:
        try:
            self._advance(run)
        except (WorkflowError, ExpressionError) as error:
            lifecycle.conclude(run, "failure", str(error))
        except Exception:  # an unreadable run must not stop the others
            logger.exception("The run %s could not be advanced", run.pk)

    def _advance(self, run: WorkflowRun) -> None:
        workflow = _workflow(run.pk, run.head_sha)
        if run.cancelled:
            self._cancel(run)
        if run.status in ("queued", "pending", "waiting") and (run.cancelled or not lifecycle.begin(run, workflow)):
            return
        changed = True
        while changed and not self._stop.is_set():
            jobs = list(lifecycle.jobs_of(run))
            changed = False
            for job in (job for job in jobs if job.status == "queued"):
                changed = self._advance_job(run, workflow, job, jobs) or changed
        jobs = list(lifecycle.jobs_of(run))
        if all(job.status == "completed" for job in jobs):
            lifecycle.conclude(run, _conclusion(jobs))

    def _advance_job(self, run: WorkflowRun, workflow: WorkflowFile, job: Job, jobs: list[Job]) -> bool:
        """Start or skip a job whose needs are completed. True if other jobs can now be ready."""
        spec = workflow.jobs[job.key]
        by_key = {row.key: row for row in jobs}
        needed = [by_key[key] for key in spec.needs]
        if job.pk in self._running or any(row.status != "completed" for row in needed):
            return False
        needs = {row.key: {"result": row.conclusion, "outputs": row.outputs} for row in needed}
        if not self._condition_holds(run, workflow, spec, by_key, needs):
            lifecycle.finish_without_running(job, "skipped")
            return True
        if len(self._running) < settings.JOBS_AT_ONCE and not self._group_is_busy(job):
            self._launch(job, spec, workflow, needs)
        return False

    def _condition_holds(
        self, run: WorkflowRun, workflow: WorkflowFile, spec: JobSpec, jobs: dict[str, Job], needs: dict[str, Any]
    ) -> bool:
        results = [jobs[key].conclusion for key in _ancestors(workflow, spec)]
        status_functions = {
            "success": lambda: all(result == "success" for result in results) and not run.cancelled,
            "failure": lambda: any(result in UNSUCCESSFUL for result in results),
            "cancelled": lambda: run.cancelled,
            "always": lambda: True,
        }
        contexts = {"github": github_context(run), "needs": needs, "vars": {}, "inputs": {}}
        return expressions.condition(spec.condition, Scope(contexts, status_functions))

    def _group_is_busy(self, job: Job) -> bool:
        if not job.group:
            return False
        others = Job.objects.filter(repository=job.repository, group=job.group, status="in_progress")
        return others.exclude(pk=job.pk).exists()

    def _launch(self, job: Job, spec: JobSpec, workflow: WorkflowFile, needs: dict[str, Any]) -> None:
        runner = Runner(job, spec, workflow, needs)
        self._running[job.pk] = runner
        thread = threading.Thread(target=self._run, args=(runner,), name=f"ci-job-{job.pk}", daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        thread.start()

    def _run(self, runner: Runner) -> None:
        try:
            runner.run()
        finally:
            self._running.pop(runner.job.pk, None)
            runs.work_available.set()
            connections.close_all()

    def _cancel(self, run: WorkflowRun) -> None:
        for job in lifecycle.jobs_of(run):
            if job.pk in self._running:
                self._running[job.pk].cancel()
            elif job.status == "queued":
                lifecycle.finish_without_running(job, "cancelled")
        if run.status in ("queued", "pending", "waiting"):
            lifecycle.conclude(run, "cancelled")


@lru_cache(maxsize=200)
def _workflow(run_id: int, sha: str) -> WorkflowFile:
    """The workflow file of a run, cached because a commit does not change."""
    return runs.load(WorkflowRun.objects.select_related("repository", "workflow").get(pk=run_id))


def _ancestors(workflow: WorkflowFile, spec: JobSpec) -> set[str]:
    keys = set(spec.needs)
    for key in spec.needs:
        keys |= _ancestors(workflow, workflow.jobs[key])
    return keys


def _conclusion(jobs: list[Job]) -> str:
    results = {job.conclusion for job in jobs}
    for conclusion in ("cancelled", "failure"):
        if conclusion in results:
            return conclusion
    return "skipped" if results == {"skipped"} else "success"
