"""The surroundings of a measurement: a real sandbox, our own web server for its webhooks, a database of its own.

Nothing of the product may be imported before `surround` was called: its settings are read from the environment.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from portal.embedded import environment
from tests.sandbox import process
from tests.sandbox.process import Sandbox


@contextmanager
def surround() -> Iterator[tuple[Sandbox, int]]:
    """(the sandbox, the port for our web server), with Django set up to use both."""
    with tempfile.TemporaryDirectory(prefix="onramp-bench-") as folder:
        with _last_processor():
            sandbox = process.start(Path(folder))
        portal = process.free_port()
        try:
            ports = environment.Ports(portal, sandbox.port, sandbox.smtp_port)
            # Webhooks drive the run, as in production: nothing is polled that reports by itself.
            patience = {"PORTAL_POLL_SECONDS": "30", "PORTAL_WATCH_SECONDS": "300"}
            os.environ.update(environment.onramp(ports, "only for measuring: 0123456789012345678901234567") | patience)
            django.setup()
            yield sandbox, portal
        finally:
            process.stop(sandbox.process)


@contextmanager
def _last_processor() -> Iterator[None]:
    """Whatever is started within keeps to one processor, and we to the others: what a run costs us is not mixed with waiting
    for a processor that the sandbox's jobs and pods have, which in earnest are other people's machines. With one alone it is."""
    mine = os.sched_getaffinity(0)
    if len(mine) == 1:
        yield
        return
    os.sched_setaffinity(0, {max(mine)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine - {max(mine)})
