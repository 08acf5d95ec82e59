"""One turn of one step: claim, perform outside any transaction, settle."""

import functools
import logging
import random
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from events.log import record
from onboarding.engine import effects, hold, progress, registry
from onboarding.engine.outcomes import Failure, Lost, Retry, Unsettled, Wait
from onboarding.models import Move, Run, Step, StepState

logger = logging.getLogger(__name__)

MAX_FAILURES = 12
LONGEST_PAUSE = 60.0


class Work:
    """What a step's code is given: its row, what earlier steps left, its log and its effects."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.lines: list[str] = []

    @property
    def run(self) -> Run:
        return self.step.run

    @functools.cached_property
    def results(self) -> dict[str, dict[str, Any]]:
        """Step name → result, of all steps of this run."""
        return dict(Step.objects.filter(run=self.run).values_list("name", "result"))

    def log(self, line: str) -> None:
        self.lines.append(f"{timezone.now():%H:%M:%S} {line}\n")

    def ensure(
        self,
        kind: str,
        name: str,
        *,
        make: Callable[[], effects.Made],
        look: Callable[[], effects.Made | None] | None = None,
        settle: timedelta = effects.SETTLE,
        refuses_a_second: bool = False,
    ) -> effects.Made:
        """See `effects.ensure`."""
        made = effects.ensure(
            self.step, kind, name, make=make, look=look, settle=settle, refuses_a_second=refuses_a_second
        )
        self.log(f"{kind} {name}")
        return made


def turn(step_id: int) -> bool:
    """Give the step one turn; False where there was nothing to do. Never raises for what the step does."""
    step = hold.claim(step_id)
    if step is None:
        return False
    if step.losses >= hold.MAX_LOSSES:
        _fail(step, Failure(f"Stopped: its worker died {step.losses} times in a row in this step."), "")
        return True
    work = Work(step)
    try:
        with _heartbeat(step):
            outcome = registry.kind(step.run.kind, step.name).perform(work)
        hold.settle(step, outcome, "".join(work.lines))
    except Lost:
        logger.warning("lost %s: somebody else holds it", step)
    except Unsettled as error:
        says = f"Checking whether {error.name} exists already"
        _settle_or_drop(step, Wait(says, seconds=error.seconds + 0.2), "".join(work.lines))
    except Retry as error:
        _pause(step, error, "".join(work.lines))
    except Failure as error:
        _fail(step, error, "".join(work.lines))
    except (OperationalError, InterfaceError):
        logger.exception("the database went away under %s; its lease will end", step)
        connection.close()
    except Exception as error:
        logger.exception("unknown error in %s", step)
        record("onramp.step.unknown_error", f"run:{step.run_id}", step=step.name, error=type(error).__name__)
        said = Failure(
            f"Something unexpected happened in this step: {type(error).__name__}", detail=traceback.format_exc()
        )
        _fail(step, said, "".join(work.lines))
    return True


def _settle_or_drop(step: Step, outcome: Wait, log: str) -> None:
    try:
        hold.settle(step, outcome, log)
    except Lost:
        logger.warning("lost %s: somebody else holds it", step)


def _pause(step: Step, error: Retry, log: str) -> None:
    """Try again later, with jitter; give up after MAX_FAILURES in a row, unless the step knows better."""
    failures = step.failures + 1
    if failures > MAX_FAILURES and not error.endless:
        _fail(step, Failure(f"Gave up after {failures} tries. {error.says}", detail=error.detail), log)
        return
    pause = error.after if error.after is not None else min(LONGEST_PAUSE, 2.0 ** min(failures, 6) / 2)
    pause = pause + random.uniform(0, min(2.0, pause))  # noqa: S311 - jitter, not a secret
    says = f"{error.says}. Trying again by itself (try {failures + 1})."
    with transaction.atomic():
        run = progress.lock(step.run_id)
        held = hold.mine(step).update(
            state=StepState.WAITING,
            move=Move.MACHINE,
            reason=says,
            detail=error.detail,
            failures=failures,
            failing_since=Coalesce("failing_since", Now()),
            due_at=Now() + timedelta(seconds=pause),
            lease_until=None,
            since=Now(),
        )
        if not held:
            logger.warning("lost %s: somebody else holds it", step)
            return
        hold.close_attempt(step, None, log, failed=error.says)
        record("onramp.step.retry", f"run:{run.pk}", step=step.name, says=error.says, failures=failures)
        progress.touch(run)


def _fail(step: Step, error: Failure, log: str) -> None:
    if registry.known(step.run.kind, step.name) and registry.kind(step.run.kind, step.name).tireless:
        record("onramp.step.failed", f"run:{step.run_id}", step=step.name, says=error.says)
        _pause(step, Retry(error.says, detail=error.detail, endless=True), log)
        return
    with transaction.atomic():
        run = progress.lock(step.run_id)
        held = hold.mine(step).update(
            state=StepState.FAILED,
            move=Move.TEAM,
            reason=error.says,
            detail=error.detail,
            lease_until=None,
            due_at=None,
            since=Now(),
        )
        if not held:
            logger.warning("lost %s: somebody else holds it", step)
            return
        hold.close_attempt(step, None, log, failed=error.says)
        step.state, step.reason, step.move = StepState.FAILED, error.says, Move.TEAM
        record("onramp.step.failed", f"run:{run.pk}", step=step.name, says=error.says)
        progress.touch(run)
        registry.changed(run, step)


@contextmanager
def _heartbeat(step: Step) -> Iterator[None]:
    """Hold the lease while the code runs; a dead process stops beating, so its step is free after one lease."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(hold.LEASE.total_seconds() / 3):
            try:
                hold.renew(step)
            except Lost:
                return
            except Exception:
                logger.exception("could not renew the lease of %s", step)
        connection.close()

    thread = threading.Thread(target=beat, name=f"lease of {step.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
