"""The logs of a job: one file per step, each line with a timestamp, as GitHub serves them."""

from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from django.core import signing

from sandbox.github.models import Job

SALT = "job-log"


def _file(job: Job, number: int) -> Path:
    return job.log / f"{number:03}.txt"


def exists(job: Job) -> bool:
    return job.log.is_dir()


def step_text(job: Job, number: int) -> str:
    """The log of one step; empty if there is none yet."""
    path = _file(job, number)
    return path.read_text(errors="replace") if path.is_file() else ""


def job_text(job: Job) -> str:
    """The logs of all steps, in order."""
    return "".join(path.read_text(errors="replace") for path in sorted(job.log.glob("*.txt")))


def ticket(job: Job) -> str:
    """A signed string that gives access to this job's log for a minute."""
    return signing.dumps(job.pk, salt=SALT)


def job_of_ticket(text: str) -> int | None:
    """The id of the ticket's job, or None if the ticket is expired or forged."""
    try:
        return int(signing.loads(text, salt=SALT, max_age=60))
    except signing.BadSignature:
        return None


class StepLog:
    """Writes the log of one step, with secrets replaced by `***`."""

    def __init__(self, job: Job, number: int, secrets: set[str]) -> None:
        job.log.mkdir(parents=True, exist_ok=True)
        self._stream = _file(job, number).open("w", encoding="utf-8")
        self._secrets = secrets
        self.errors: list[str] = []

    def __enter__(self) -> "StepLog":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stream.close()

    def line(self, text: str) -> None:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        timestamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
        self._stream.write(f"{timestamp} {text}\n")
        self._stream.flush()

    def error(self, text: str) -> None:
        """Write a line marked as an error. It also becomes an annotation of the check run."""
        self.errors.append(text)
        self.line(f"##[error]{text}")

    def mask(self, secret: str) -> None:
        if secret.strip():
            self._secrets.add(secret)
