"""The processes as in production: the product's own Celery app, leases and intervals."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import django

from bench.crowd.collector import Collector, collecting
from portal.environment import Environment
from tests.chaos.surroundings import Setting, Surroundings, surrounded

ROUTES = ("/github/", "/kubernetes/", "/jira/", "/elasticsearch/", "/prometheus/", "/slack/")
"""Where Onramp calls providers at the sandbox. People and pipelines call them there too, and wait as long."""
SOURCE = ROUTES[:1]
INTERVALS = {
    name.upper(): str(field.default) for name, field in Environment.model_fields.items() if name.endswith("_seconds")
}
"""The product's defaults; those of the demo are shorter."""


def parser(prog: str, description: str | None, runs: int) -> argparse.ArgumentParser:
    """A parser with the options that all these measurements share."""
    parser = argparse.ArgumentParser(
        prog=prog, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=runs, help="onboardings at once (default: %(default)s)")
    parser.add_argument("--delay", type=float, default=0.2, help="seconds added to every call (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="Celery workers (default: %(default)s)")
    parser.add_argument(
        "--processes", type=int, default=4, metavar="N", help="processes per worker (default: %(default)s)"
    )
    parser.add_argument(
        "--patience", type=float, default=3600, help="give up after this many seconds (default: %(default)g)"
    )
    return parser


@contextmanager
def running(
    options: argparse.Namespace, environment: dict[str, str], *, background: bool = True
) -> Iterator[tuple[Surroundings, Collector]]:
    """Everything but web and workers runs, and Django is set up to use it. `environment` is for web and workers."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started here is stopped
    with collecting() as collector:
        setting = Setting(
            app="portal",
            groups=options.workers,
            processes=options.processes,
            options="",
            environment=INTERVALS | collector.environment | environment,
            background=background,
        )
        with surrounded(setting) as surroundings:
            for name in collector.environment:
                os.environ.pop(name, None)  # this process acts for people and is not traced
            django.setup()
            logging.disable(logging.WARNING)
            yield surroundings, collector


def delay(surroundings: Surroundings, seconds: float, routes: Sequence[str] = ROUTES) -> None:
    """From now on these providers take this much longer to answer."""
    for route in routes if seconds else ():
        surroundings.sandbox.fault("delay", route, seconds=seconds)
