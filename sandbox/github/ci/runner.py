"""One job from its first step to its last. Everything it does is on its row and in its log."""

import logging
import shutil
import threading
import time
from typing import Any

from django.utils import timezone

from sandbox.github.addresses import iso
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

SET_UP, COMPLETE = "Set up job", "Complete job"


def plan(spec: JobSpec) -> list[dict[str, Any]]:
    """The steps of a job that did not begin, as GitHub lists them."""
    names = [SET_UP, *(step.title for step in spec.steps), COMPLETE]
    empty = {"status": "queued", "conclusion": None, "started_at": None, "completed_at": None}
    return [{"name": name, "number": number, **empty} for number, name in enumerate(names, 1)]


class Runner:
    """Runs a job in the caller's thread. `cancel` and `abandon` come from others."""

    def __init__(self, job: Job, spec: JobSpec, workflow: WorkflowFile, needs: dict[str, Any]) -> None:
        self.job, self._spec, self._workflow, self._needs = job, spec, workflow, needs
        self._stop = threading.Event()
        self.abandoned = False
        self._state: JobState | None = None
        self._broken = job.run.broken if job.position == 0 else ""

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
        self._state = state = self._set_up()
        if state is None:
            self._close("skipped")
            return "failure"
        for number, step in enumerate(self._spec.steps, 2):
            if self.abandoned:
                return "cancelled"
            self._one(state, step, number)
        self._close("success")
        try:
            scope = state.scope()
            found = {name: expressions.interpolate(text, scope) for name, text in self._spec.outputs.items()}
        except ExpressionError as error:
            self._annotate(str(error))
            return "failure"
        self.job.outputs = {name: text for name, text in found.items() if text}
        return state.status

    def _set_up(self) -> JobState | None:
        """The first step: folders, token, and what this is. None when the job cannot be run here."""
        with self._logged(1, set()) as log:
            log.line("This is the sandbox's runner: jobs run on this machine, actions are stand-ins that say so.")
            for scope, level in sorted(self._workflow.permissions_of(self._spec).items()):
                log.line(f"GITHUB_TOKEN may {level} {scope}")
            log.line(f"Commands that are stand-ins: {', '.join(programs.names()) or 'none'}")
            state, conclusion = None, "failure"
            try:
                if self._spec.not_run:
                    raise StepFailed(f"The sandbox does not run jobs with `{self._spec.not_run}`.")
                state = JobState(self.job, self._spec, self._workflow, self._needs, self._stop)
                conclusion = "success"
            except (ExpressionError, StepFailed) as error:
                log.error(str(error))
            self._finish_step(1, conclusion, log)
        return state

    def _one(self, state: JobState, step: Step, number: int) -> None:
        """Run a step, or skip it where its condition says so."""
        with self._logged(number, state.secrets) as log:
            run = StepRun(state, step, log)
            outcome = self._outcome(run, number)
            conclusion = "success" if outcome == "failure" and self._may_fail(run) else outcome
            if conclusion in ("failure", "cancelled") and state.status != "cancelled":
                state.status = conclusion
            if step.id:
                state.steps[step.id] = {"outputs": run.outputs, "outcome": outcome, "conclusion": conclusion}
            self.job.summary += run.summary
            self._finish_step(number, conclusion, log)

    def _outcome(self, run: StepRun, number: int) -> str:
        """`success`, `failure`, `skipped` or `cancelled`, with the reason in the log."""
        try:
            if self._stop.is_set():
                raise Cancelled
            if not expressions.condition(run.step.condition, run.state.scope()):
                return "skipped"
            run.env = expressions.texts(run.step.env, run.state.scope())
            self.job.steps[number - 1]["name"] = expressions.interpolate(run.step.title, run.state.scope(run.env))
            if self._broken and (run.step.run or number == len(self._spec.steps) + 1):
                self._break(run)
            if run.step.uses:
                actions.run(run)
            else:
                run.script()
        except (StepFailed, ExpressionError) as error:
            run.log.error(str(error))
        except OSError as error:
            run.log.error(f"The step could not be started: {error}")
        except Cancelled:
            run.log.error("The operation was canceled.")
            return "cancelled"
        except TimedOut:
            return self._timed_out(run)
        else:
            return "success"
        return "failure"

    def _break(self, run: StepRun) -> None:
        """What somebody asked for: this step prints that and fails. Raises StepFailed."""
        run.log.line(self._broken)
        self._broken = ""
        raise StepFailed("Process completed with exit code 1.")

    def _may_fail(self, run: StepRun) -> bool:
        return expressions.holds(run.step.continue_on_error, run.state.scope(run.env))

    def _timed_out(self, run: StepRun) -> str:
        if time.monotonic() < run.state.deadline:
            run.log.error(f"The action '{run.step.title}' has timed out after {run.step.timeout_minutes} minutes.")
            return "failure"
        run.log.error(f"The job has exceeded the maximum execution time of {self._spec.timeout_minutes}m0s")
        self._stop.set()
        return "cancelled"

    def _logged(self, number: int, secrets: set[str]) -> StepLog:
        self.job.steps[number - 1] |= {"status": "in_progress", "started_at": iso(timezone.now())}
        self.job.save()
        return StepLog(self.job, number, secrets)

    def _finish_step(self, number: int, conclusion: str, log: StepLog) -> None:
        done = {"status": "completed", "conclusion": conclusion, "completed_at": iso(timezone.now())}
        self.job.steps[number - 1] |= done
        for text in log.errors:
            self._annotate(text)
        self.job.save()

    def _close(self, conclusion: str) -> None:
        """Finish what is left of the list: the last step, or all but the first where the job could not begin."""
        now = iso(timezone.now())
        for entry in self.job.steps:
            if entry["status"] != "completed":
                entry |= {"status": "completed", "conclusion": conclusion, "started_at": now, "completed_at": now}

    def _annotate(self, text: str) -> None:
        self.job.annotations = [*self.job.annotations, {"message": text, "annotation_level": "failure"}]
