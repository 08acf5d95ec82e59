"""One job from its first step to its last. Everything it does is on its row and in its log."""

import logging
import shutil
import threading
import time
from datetime import datetime
from typing import Any

from django.utils import timezone

from sandbox.github.addresses import iso_or_none
from sandbox.github.ci import actions, programs
from sandbox.github.ci.logs import StepLog
from sandbox.github.ci.process import Cancelled, TimedOut
from sandbox.github.ci.state import JobState
from sandbox.github.ci.steps import StepFailed, StepRun
from sandbox.github.models import Job
from sandbox.github.workflows import expressions
from sandbox.github.workflows.expressions import ExpressionError
from sandbox.github.workflows.syntax import JobSpec, Step, WorkflowFile

logger = logging.getLogger(__name__)

CLEAN_UP_SECONDS = 300.0
SET_UP, COMPLETE = "Set up job", "Complete job"


def plan(spec: JobSpec) -> list[dict[str, Any]]:
    """The steps of a job that did not begin, as GitHub lists them."""
    names = [SET_UP, *(step.title for step in spec.steps), COMPLETE]
    return [_entry(number, name) for number, name in enumerate(names, 1)]


def _entry(number: int, name: str) -> dict[str, Any]:
    times = {"started_at": None, "completed_at": None}
    return {"name": name, "status": "queued", "conclusion": None, "number": number} | times


class Runner:
    """Runs a job in the caller's thread. `cancel` and `abandon` come from others."""

    def __init__(self, job: Job, spec: JobSpec, workflow: WorkflowFile, needs: dict[str, Any]) -> None:
        self.job, self._spec, self._workflow, self._needs = job, spec, workflow, needs
        self._stop = threading.Event()
        self.abandoned = False
        self._state: JobState | None = None

    def cancel(self) -> None:
        self._stop.set()

    def abandon(self) -> None:
        """The sandbox ends: stop the processes and leave the row in progress, for the next start to begin again."""
        self.abandoned = True
        self._stop.set()

    def run(self) -> None:
        job = self.job
        job.status, job.started_at, job.steps = "in_progress", timezone.now(), plan(self._spec)
        job.save()
        try:
            conclusion = self._steps()
        except Exception as error:  # the runner itself broke: the job must end and say so
            logger.exception("The job %s could not be run", job.pk)
            conclusion = "failure"
            self._annotate(f"The sandbox could not run this job: {error!r}")
        if self.abandoned:
            return
        job.status, job.conclusion, job.completed_at = "completed", conclusion, timezone.now()
        job.save()
        if self._state:
            self._state.token.delete()
            shutil.rmtree(self._state.folder, ignore_errors=True)

    def _steps(self) -> str:
        if not self._set_up() or self._state is None:
            self._close(0, "failure")
            return "failure"
        state = self._state
        broken = self.job.run.broken if self.job.position == 0 else ""
        for number, step in enumerate(self._spec.steps, 2):
            if self.abandoned:
                return "cancelled"
            runs_something = bool(step.run) or number == len(self._spec.steps) + 1
            said = broken if runs_something else ""
            if self._one(state, step, number, said) and said:
                broken = ""
        self._close(len(self._spec.steps) + 2, "success")
        try:
            scope = state.scope()
            found = {name: expressions.interpolate(text, scope) for name, text in self._spec.outputs.items()}
            self.job.outputs = {name: text for name, text in found.items() if text}
        except ExpressionError as error:
            self._annotate(str(error))
            return "failure"
        return state.status

    def _set_up(self) -> bool:
        """The first step: folders, token, and what this is. False when the job cannot be run here."""
        with self._logged(1, set()) as log:
            log.line("This is the sandbox's runner: jobs run on this machine, actions are stand-ins that say so.")
            log.line("##[group]GITHUB_TOKEN Permissions")
            for scope, level in sorted(self._workflow.permissions_of(self._spec).items()):
                log.line(f"{scope}: {level}")
            log.line("##[endgroup]")
            log.line(f"Commands that are stand-ins: {', '.join(programs.names()) or 'none'}")
            try:
                if self._spec.not_run:
                    raise StepFailed(f"The sandbox does not run jobs with `{self._spec.not_run}`.")
                self._state = JobState.begin(self.job, self._spec, self._workflow, self._needs, self._stop)
            except (ExpressionError, StepFailed) as error:
                log.error(str(error))
                self._finish_step(1, "failure", log)
                return False
            self._finish_step(1, "success", log)
        return True

    def _one(self, state: JobState, step: Step, number: int, broken: str) -> bool:
        """Run a step, or skip it where its condition says so; true when it ran."""
        with self._logged(number, state.secrets) as log:
            run = StepRun(state, step, log)
            try:
                if not self._wanted(run):
                    self._finish_step(number, "skipped", log)
                    self._remember(state, step, run, "skipped", "skipped")
                    return False
                outcome = self._try(run, broken)
                lenient = outcome == "failure" and expressions.truthy(
                    expressions.deep(step.continue_on_error, state.scope(run.env))
                )
            except ExpressionError as error:
                log.error(str(error))
                outcome, lenient = "failure", False
            conclusion = "success" if lenient else outcome
            if conclusion == "cancelled" or state.status == "cancelled":
                state.status = "cancelled"
            elif conclusion == "failure":
                state.status = "failure"
            self._remember(state, step, run, outcome, conclusion)
            self._finish_step(number, conclusion, log)
        return True

    def _wanted(self, run: StepRun) -> bool:
        if self._stop.is_set() and not self.abandoned:
            self._cancelled(run.state)
        wanted = expressions.condition(run.step.condition, run.state.scope())
        if wanted:
            deep = expressions.deep(run.step.env, run.state.scope())
            run.env = {name: expressions.as_string(value) for name, value in deep.items()}
            self._rename(run)
        return wanted

    def _cancelled(self, state: JobState) -> None:
        """From here on only steps that ask for it run, and they get a few minutes, as at GitHub."""
        state.status = "cancelled"
        state.deadline = time.monotonic() + CLEAN_UP_SECONDS
        self._stop.clear()

    def _rename(self, run: StepRun) -> None:
        entry = next(one for one in self.job.steps if one["status"] == "in_progress")
        entry["name"] = expressions.interpolate(run.step.title, run.state.scope(run.env))

    def _try(self, run: StepRun, broken: str) -> str:
        """`success`, `failure` or `cancelled`, with the reason in the log."""
        try:
            if broken:
                run.log.line(broken)
                raise StepFailed("Process completed with exit code 1.")
            if run.step.uses:
                actions.run(run)
            else:
                run.script()
        except StepFailed as error:
            run.log.error(str(error))
            return "failure"
        except OSError as error:
            run.log.error(f"The step could not be started: {error}")
            return "failure"
        except Cancelled:
            run.log.error("The operation was canceled.")
            if not self.abandoned:
                self._cancelled(run.state)
            return "cancelled"
        except TimedOut:
            return self._timed_out(run)
        return "success"

    def _timed_out(self, run: StepRun) -> str:
        if time.monotonic() < run.state.deadline:
            run.log.error(f"The action '{run.step.title}' has timed out after {run.step.timeout_minutes} minutes.")
            return "failure"
        minutes = expressions.as_string(expressions.deep(self._spec.timeout_minutes, run.state.scope()))
        run.log.error(f"The job has exceeded the maximum execution time of {minutes}m0s")
        self._cancelled(run.state)
        return "cancelled"

    def _remember(self, state: JobState, step: Step, run: StepRun, outcome: str, conclusion: str) -> None:
        if step.id:
            state.steps[step.id] = {"outputs": run.outputs, "outcome": outcome, "conclusion": conclusion}
        if run.summary:
            self.job.summary += run.summary

    def _logged(self, number: int, secrets: set[str]) -> StepLog:
        entry = self.job.steps[number - 1]
        entry["status"], entry["started_at"] = "in_progress", _now()
        self.job.save()
        return StepLog(self.job, number, secrets)

    def _finish_step(self, number: int, conclusion: str, log: StepLog) -> None:
        entry = self.job.steps[number - 1]
        entry["status"], entry["conclusion"], entry["completed_at"] = "completed", conclusion, _now()
        for text in log.errors:
            self._annotate(text)
        self.job.save()

    def _close(self, complete: int, conclusion: str) -> None:
        """Finish what is left of the list: the last step, or all of them where the job could not begin."""
        for entry in self.job.steps:
            if entry["status"] != "completed":
                done = conclusion if entry["number"] == complete else "skipped"
                entry |= {"status": "completed", "conclusion": done, "started_at": _now(), "completed_at": _now()}

    def _annotate(self, text: str) -> None:
        self.job.annotations = [*self.job.annotations, {"message": text, "annotation_level": "failure"}]


def _now() -> str | None:
    now: datetime = timezone.now()
    return iso_or_none(now)
