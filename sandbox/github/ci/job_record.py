"""The row of a running job: the state of its steps and its annotations."""

from typing import Any

from django.utils import timezone

from sandbox.github.ci.logs import StepLog
from sandbox.github.formats import iso
from sandbox.github.models import Job
from sandbox.github.workflows.schema import JobSpec

SET_UP, COMPLETE = "Set up job", "Complete job"


def queued_steps(spec: JobSpec) -> list[dict[str, Any]]:
    """The steps of a job that has not started, as GitHub lists them."""
    names = [SET_UP, *(step.title for step in spec.steps), COMPLETE]
    empty = {"status": "queued", "conclusion": None, "started_at": None, "completed_at": None}
    return [{"name": name, "number": number, **empty} for number, name in enumerate(names, 1)]


class JobRecord:
    """Saves every change of the job. Step numbers start at 1, as at GitHub."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def begin(self, spec: JobSpec) -> None:
        self.job.status, self.job.started_at, self.job.steps = "in_progress", timezone.now(), queued_steps(spec)
        self.job.save()

    def complete(self, conclusion: str) -> None:
        self.job.status, self.job.conclusion, self.job.completed_at = "completed", conclusion, timezone.now()
        self.job.save()

    def begin_step(self, number: int, secrets: set[str]) -> StepLog:
        self.job.steps[number - 1] |= {"status": "in_progress", "started_at": iso(timezone.now())}
        self.job.save()
        return StepLog(self.job, number, secrets)

    def name_step(self, number: int, name: str) -> None:
        self.job.steps[number - 1]["name"] = name

    def finish_step(self, number: int, conclusion: str, log: StepLog) -> None:
        result = {"status": "completed", "conclusion": conclusion, "completed_at": iso(timezone.now())}
        self.job.steps[number - 1] |= result
        for text in log.errors:
            self.annotate(text)
        self.job.save()

    def finish_remaining_steps(self, conclusion: str) -> None:
        """Finish the last step, or all but the first when the job could not be set up."""
        now = iso(timezone.now())
        for step in self.job.steps:
            if step["status"] != "completed":
                step |= {"status": "completed", "conclusion": conclusion, "started_at": now, "completed_at": now}

    def annotate(self, text: str) -> None:
        self.job.annotations = [*self.job.annotations, {"message": text, "annotation_level": "failure"}]
