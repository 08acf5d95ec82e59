"""The environment of a measurement: a real sandbox and a port for our web server, which receives its webhooks.

Import nothing of the product before `running` was entered: its settings are read from the environment.
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
def running() -> Iterator[tuple[Sandbox, int]]:
    """(the sandbox, the port for our web server), with Django set up to use both."""
    with tempfile.TemporaryDirectory(prefix="onramp-bench-") as folder:
        with _pinned_to_last_core():
            sandbox = process.start(Path(folder))
        portal = process.free_port()
        try:
            ports = environment.Ports(portal, sandbox.port, sandbox.smtp_port)
            # Webhooks drive the run, as in production: polling would only add calls.
            intervals = {"PORTAL_POLL_SECONDS": "30", "PORTAL_WATCH_SECONDS": "300"}
            os.environ.update(environment.onramp(ports, "only for measuring: 0123456789012345678901234567") | intervals)
            django.setup()
            yield sandbox, portal
        finally:
            process.stop(sandbox.process)


@contextmanager
def _pinned_to_last_core() -> Iterator[None]:
    """Processes started within this block run on one core, and we run on the others.

    In production the sandbox's jobs and pods are other people's machines, so waiting for them must not count as ours. On a
    machine with a single core it does.
    """
    cores = os.sched_getaffinity(0)
    if len(cores) == 1:
        yield
        return
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores - {max(cores)})
