"""The processes as in production: the product's own app, its own leases, its own patience."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import django

from bench.crowd.collector import Collector, collecting
from portal.environment import Environment
from tests.chaos.surroundings import Setting, Surroundings, surrounded

ROUTES = ("/github/", "/kubernetes/", "/jira/", "/elasticsearch/", "/prometheus/", "/slack/")
"""Where Onramp calls providers at the sandbox; people and pipelines wait there, too."""
PATIENCE = {
    name.upper(): str(field.default) for name, field in Environment.model_fields.items() if name.endswith("_seconds")
}
"""As long as the product waits where nobody says otherwise; the demo is less patient."""


def parser(prog: str, says: str | None, runs: int) -> argparse.ArgumentParser:
    """The options that every such measurement has."""
    made = argparse.ArgumentParser(prog=prog, description=says, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--runs", type=int, default=runs, help="onboardings at once (default: %(default)s)")
    made.add_argument("--delay", type=float, default=0.2, help="seconds added to every call (default: %(default)s)")
    made.add_argument("--workers", type=int, default=2, metavar="GROUPS", help="Celery workers (default: %(default)s)")
    made.add_argument("--processes", type=int, default=4, help="of each worker, as deployed (default: %(default)s)")
    made.add_argument(
        "--patience", type=float, default=3600, help="seconds until it is given up (default: %(default)s)"
    )
    return made


@contextmanager
def world(
    given: argparse.Namespace, environment: dict[str, str], *, background: bool = True
) -> Iterator[tuple[Surroundings, Collector]]:
    """All processes but web and workers run, and Django is set up to use them. `environment` is for web and workers."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is put away
    with collecting() as collector:
        setting = Setting(
            app="portal",
            groups=given.workers,
            processes=given.processes,
            options="",
            environment=PATIENCE | collector.environment | environment,
            background=background,
        )
        with surrounded(setting) as to:
            for name in collector.environment:
                os.environ.pop(name, None)  # this process is the people's, and not traced
            django.setup()
            logging.disable(logging.WARNING)
            yield to, collector


def delay(to: Surroundings, seconds: float) -> None:
    """From here on every provider takes so much longer to answer."""
    for route in ROUTES if seconds else ():
        to.sandbox.fault("delay", route, seconds=seconds)
