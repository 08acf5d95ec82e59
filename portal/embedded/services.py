"""PostgreSQL and Valkey for the time of one command: what the tests run in."""

import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from portal.embedded import environment
from portal.embedded.postgres import Postgres
from portal.embedded.valkey import Valkey


@contextmanager
def temporary() -> Iterator[dict[str, str]]:
    """DATABASE_URL and REDIS_URL of two servers with data in a temporary folder. Raises EmbeddedError."""
    with tempfile.TemporaryDirectory(prefix="onramp-services-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        postgres, valkey = Postgres(folder / "postgres"), Valkey(folder / "valkey")
        try:
            yield environment.servers(postgres.start(), valkey.start())
        finally:
            valkey.stop()
            postgres.remove()


def run(command: Sequence[str], surroundings: dict[str, str]) -> int:
    """Run the command with its servers, hand SIGTERM on to it, and return its status as a shell would."""
    with temporary() as servers:
        process = subprocess.Popen(list(command), env=surroundings | servers)  # noqa: S603 - named by who called us
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        signal.signal(signal.SIGINT, lambda *_: None)  # the terminal tells the command as well
        status = process.wait()
    return 128 - status if status < 0 else status
