"""PostgreSQL and Valkey while one command runs: the tests run in this."""

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


def run(command: Sequence[str], variables: dict[str, str]) -> int:
    """Run the command with its servers, forward SIGTERM to it, and return its exit status as a shell would."""
    with temporary() as servers:
        process = subprocess.Popen(list(command), env=variables | servers)  # noqa: S603 - the caller's own command
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        signal.signal(signal.SIGINT, lambda *_: None)  # the terminal signals the command as well
        status = process.wait()
    return 128 - status if status < 0 else status
