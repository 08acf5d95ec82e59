"""Kinds of runs for real Celery workers, which import this module by `--include`.

Each run has two steps; the kind says what the first one does. `quick` returns at once. `slow` takes more than a second;
it has its own queue, so that a worker that drains it takes none of the other runs. `poison` kills its worker. `patient`
waits once. The provider of `unanswered` never answers. The second step of `crossing` is in the other queue.

Each execution writes a line when it begins and another when it ends to the file that ONRAMP_EXECUTION_LOG names.
"""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

from celery import current_app

from engine import lease, registry, sweeper
from engine.context import Work
from engine.outcomes import Done, Outcome, Wait
from engine.registry import StepKind
from integrations.errors import Transient
from onboarding.steps.errors import translates_errors_of

QUEUE = "faults"
SLOW_QUEUE = "faults-slow"
LEASE = 1.5
EXECUTION_LOG = "ONRAMP_EXECUTION_LOG"


def quick(work: Work) -> Outcome:
    return Done("done")


def slow(work: Work) -> Outcome:
    time.sleep(1.2)
    return Done("done")


def poison(work: Work) -> Outcome:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("the process was killed before this line")


def patient(work: Work) -> Outcome:
    return Done("done") if "seen" in work.step.result else Wait("Not yet.", 0.5, result={"seen": True})


@translates_errors_of("logs")
def unanswered(work: Work) -> Outcome:
    raise Transient("elk", "did not answer")


def _logged(kind: StepKind) -> StepKind:
    """The same kind of step, whose executions are written to the log."""

    def perform(work: Work) -> Outcome:
        _write("begins", work)
        try:
            return kind.perform(work)
        finally:
            _write("ends", work)

    return StepKind(kind.name, kind.title, kind.queue, kind.needs, perform)


def _write(moment: str, work: Work) -> None:
    if path := os.environ.get(EXECUTION_LOG):
        with Path(path).open("a") as file:
            file.write(f"{moment} {work.run.pk} {work.step.name} {os.getpid()} {os.getppid()}\n")


def register() -> None:
    first = {
        "quick": quick,
        "slow": slow,
        "poison": poison,
        "patient": patient,
        "unanswered": unanswered,
        "crossing": quick,
    }
    for run_kind, perform in first.items():
        queue = SLOW_QUEUE if run_kind == "slow" else QUEUE
        second = SLOW_QUEUE if run_kind == "crossing" else queue
        steps = [StepKind("first", "", queue, (), perform), StepKind("second", "", second, ("first",), quick)]
        registry.register(run_kind, [_logged(kind) for kind in steps])


register()
if EXECUTION_LOG in os.environ:  # in a worker, and not in a test that only starts such runs
    lease.LEASE = timedelta(seconds=LEASE)
    sweeper.INTERVAL = 0.5
    current_app.conf.worker_soft_shutdown_timeout = 3  # Celery always sleeps for all of it
