"""Kinds of runs for real Celery workers, which import this module by `--include`.

`quick` has two steps; `slow` takes a second and has a lane of its own, so that who comes from it does not serve the others; `poison` kills its worker; `patient` waits once; the provider of
`unanswered` never answers.
What is performed is written down in the file that ONRAMP_WITNESS names, one line at its beginning and one at its end.
"""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

from celery import current_app

from integrations.errors import Transient
from onboarding import sweeping
from onboarding.engine import hold, registry
from onboarding.engine.outcomes import Done, Outcome, Wait
from onboarding.engine.registry import StepKind
from onboarding.engine.work import Work
from onboarding.steps.outside import meets

LANE = "faults"
SLOW = "faults-slow"
LEASE = 1.5
WITNESS = "ONRAMP_WITNESS"


def quick(work: Work) -> Outcome:
    return Done("done")


def slow(work: Work) -> Outcome:
    time.sleep(1.2)
    return Done("done")


def poison(work: Work) -> Outcome:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody comes here")


def patient(work: Work) -> Outcome:
    return Done("done") if "seen" in work.step.result else Wait("Not yet.", 0.5, result={"seen": True})


@meets("logs")
def unanswered(work: Work) -> Outcome:
    raise Transient("elk", "did not answer")


def _witnessed(kind: StepKind) -> StepKind:
    def perform(work: Work) -> Outcome:
        _write("begins", work)
        try:
            return kind.perform(work)
        finally:
            _write("ends", work)

    return StepKind(kind.name, kind.title, kind.queue, kind.needs, perform)


def _write(word: str, work: Work) -> None:
    if path := os.environ.get(WITNESS):
        with Path(path).open("a") as file:
            file.write(f"{word} {work.run.pk} {work.step.name} {os.getpid()} {os.getppid()}\n")


def register() -> None:
    first = {"quick": quick, "slow": slow, "poison": poison, "patient": patient, "unanswered": unanswered}
    for kind, perform in first.items():
        lane = SLOW if kind == "slow" else LANE
        steps = [StepKind("first", "", lane, (), perform), StepKind("second", "", lane, ("first",), quick)]
        registry.register(kind, [_witnessed(one) for one in steps])


register()
if WITNESS in os.environ:  # in a worker, and not where a test only starts such runs
    hold.LEASE = timedelta(seconds=LEASE)
    sweeping.INTERVAL = 0.5
    current_app.conf.worker_soft_shutdown_timeout = 3  # Celery sleeps it to its end, whatever is still in hand
