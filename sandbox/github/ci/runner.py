"""Runs one job from its first step to its last. The results are on its row and in its logs."""

import logging
import shutil
import threading
import time
from typing import Any

from sandbox.github.ci import actions, programs
from sandbox.github.ci.job_record import JobRecord
from sandbox.github.ci.process import Cancelled, TimedOut
from sandbox.github.ci.state import JobState
from sandbox.github.ci.steps import StepFailed, StepRun
from sandbox.github.models import Job
from sandbox.github.workflows import expressions
from sandbox.github.workflows.parser import ExpressionError
from sandbox.github.workflows.schema import JobSpec, Step, WorkflowFile

logger = logging.getLogger(__name__)


class Runner:
    """Runs a job in the caller's thread. `cancel` and `abandon` are called from other threads."""

    def __init__(self, job: Job, spec: JobSpec, workflow: WorkflowFile, needs: dict[str, Any]) -> None:
        self.job, self._spec, self._workflow, self._needs = job, spec, workflow, needs
        self.abandoned = False
        self._record = JobRecord(job)
        self._stop = threading.Event()
        self._state: JobState | None = None
        self._break_message = job.run.broken if job.position == 0 else ""

    def cancel(self) -> None:
        self._stop.set()

    def abandon(self) -> None:
        """The sandbox is stopping: end the processes, and leave the row in progress for the next start."""
        self.abandoned = True
        self._stop.set()

    def run(self) -> None:
        self._record.begin(self._spec)
        try:
            conclusion = self._run_steps()
        except Exception as error:  # a bug in the runner must still end the job, with an annotation
            logger.exception("The job %s could not be run", self.job.pk)
            conclusion = "failure"
            self._record.annotate(f"The sandbox could not run this job: {error!r}")
        if self.abandoned:
            return
        self._record.complete(conclusion)
        if self._state:
            self._state.token.delete()
            shutil.rmtree(self._state.folder, ignore_errors=True)

    def _run_steps(self) -> str:
        self._state = state = self._set_up()
        if state is None:
            self._record.finish_remaining_steps("skipped")
            return "failure"
        for number, step in enumerate(self._spec.steps, 2):
            if self.abandoned:
                return "cancelled"
            self._run_step(state, step, number)
        self._record.finish_remaining_steps("success")
        try:
            scope = state.scope()
            outputs = {name: expressions.interpolate(text, scope) for name, text in self._spec.outputs.items()}
        except ExpressionError as error:
            self._record.annotate(str(error))
            return "failure"
        self.job.outputs = {name: text for name, text in outputs.items() if text}
        return state.status

    def _set_up(self) -> JobState | None:
        """The first step: creates the folders and the token. None if the sandbox cannot run the job."""
        with self._record.begin_step(1, set()) as log:
            log.line("This is the sandbox's runner: jobs run on this machine, and stand-ins replace the actions.")
            for scope, level in sorted(self._workflow.permissions_of(self._spec).items()):
                log.line(f"GITHUB_TOKEN can {level} {scope}")
            log.line(f"Commands that are stand-ins: {', '.join(programs.names()) or 'none'}")
            state, conclusion = None, "failure"
            try:
                if self._spec.unsupported:
                    raise StepFailed(f"The sandbox does not run jobs with `{self._spec.unsupported}`.")
                state = JobState(self.job, self._spec, self._workflow, self._needs, self._stop)
                conclusion = "success"
            except (ExpressionError, StepFailed) as error:
                log.error(str(error))
            self._record.finish_step(1, conclusion, log)
        return state

    def _run_step(self, state: JobState, step: Step, number: int) -> None:
        """Run a step, or skip it if its condition is false."""
        with self._record.begin_step(number, state.secrets) as log:
            run = StepRun(state, step, log)
            outcome = self._outcome(run, number)
            conclusion = "success" if outcome == "failure" and self._continues_on_error(run) else outcome
            if conclusion in ("failure", "cancelled") and state.status != "cancelled":
                state.status = conclusion
            if step.id:
                state.steps[step.id] = {"outputs": run.outputs, "outcome": outcome, "conclusion": conclusion}
            self.job.summary += run.summary
            self._record.finish_step(number, conclusion, log)

    def _outcome(self, run: StepRun, number: int) -> str:
        """`success`, `failure`, `skipped` or `cancelled`, with the reason in the log."""
        try:
            return self._execute(run, number)
        except (StepFailed, ExpressionError) as error:
            run.log.error(str(error))
        except OSError as error:
            run.log.error(f"The step could not be started: {error}")
        except Cancelled:
            run.log.error("The operation was canceled.")
            return "cancelled"
        except TimedOut:
            return self._timed_out(run)
        return "failure"

    def _execute(self, run: StepRun, number: int) -> str:
        """`success` or `skipped`. Raises StepFailed, ExpressionError, OSError, Cancelled and TimedOut."""
        if self._stop.is_set():
            raise Cancelled
        if not expressions.condition(run.step.condition, run.state.scope()):
            return "skipped"
        run.env = expressions.string_values(run.step.env, run.state.scope())
        self._record.name_step(number, expressions.interpolate(run.step.title, run.state.scope(run.env)))
        if self._break_message and (run.step.run or number == len(self._spec.steps) + 1):
            self._break(run)
        if run.step.uses:
            actions.run(run)
        else:
            run.run_script()
        return "success"

    def _break(self, run: StepRun) -> None:
        """Print the requested message and fail. Raises StepFailed."""
        run.log.line(self._break_message)
        self._break_message = ""
        raise StepFailed("Process completed with exit code 1.")

    def _continues_on_error(self, run: StepRun) -> bool:
        return expressions.is_true(run.step.continue_on_error, run.state.scope(run.env))

    def _timed_out(self, run: StepRun) -> str:
        if time.monotonic() < run.state.deadline:
            run.log.error(f"The action '{run.step.title}' has timed out after {run.step.timeout_minutes} minutes.")
            return "failure"
        run.log.error(f"The job has exceeded the maximum execution time of {self._spec.timeout_minutes}m0s")
        self._stop.set()
        return "cancelled"
