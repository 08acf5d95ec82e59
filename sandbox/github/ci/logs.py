"""What the steps of a job printed: a file a step, each line with its time, as GitHub serves them."""

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


def step(job: Job, number: int) -> str:
    """The log of one step; empty while it has none."""
    path = _file(job, number)
    return path.read_text(errors="replace") if path.is_file() else ""


def whole(job: Job) -> str:
    """The log of the job: its steps one after the other."""
    return "".join(path.read_text(errors="replace") for path in sorted(job.log.glob("*.txt")))


def ticket(job: Job) -> str:
    """A word that lets its bearer read this log for a minute."""
    return signing.dumps(job.pk, salt=SALT)


def ticket_holder(word: str) -> int | None:
    """The job of a ticket, or None when it has expired or was made up."""
    try:
        return int(signing.loads(word, salt=SALT, max_age=60))
    except signing.BadSignature:
        return None


class StepLog:
    """Writes the log of one step; secrets become `***`."""

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
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
        self._stream.write(f"{stamp} {text}\n")
        self._stream.flush()

    def error(self, text: str) -> None:
        """A line marked as an error; it becomes an annotation of the check run too."""
        self.errors.append(text)
        self.line(f"##[error]{text}")

    def mask(self, secret: str) -> None:
        if secret.strip():
            self._secrets.add(secret)
