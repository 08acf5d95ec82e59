"""One turn of one step: claim, perform outside any transaction, settle."""

import functools
import json
import logging
import random
import time
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError, connection
from django.utils import timezone

from events import prepared
from events.log import record
from onboarding.engine import effects, hold, keeping, points, registry, statements, under_way
from onboarding.engine.outcomes import Ending, Failed, Failure, Lost, Paused, Retry, Unsettled, Wait
from onboarding.engine.points import Point
from onboarding.models import EffectState, Run, Step

logger = logging.getLogger(__name__)

MAX_FAILURES = 12
LONGEST_PAUSE = 60.0
SPELL = 1.0
"""Seconds for which a worker goes on in a lane before it looks for others."""
STRANGE = 5.0
"""Seconds until a step that this code does not know is offered again."""
DATABASE_FAILED = (OperationalError, InterfaceError, InternalError)
"""It is away or read-only, or it chose us as the victim of a deadlock: nothing that the step could be blamed for."""


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
        return {name: json.loads(left) for name, left in prepared.rows(statements.RESULTS, {"run": self.step.run_id})}

    def now(self) -> datetime:
        """By the clock that all workers share, which is that of every time in a row. A worker's own may be an hour off."""
        return effects.database_now()

    def began_with(self, kind: str, name: str, created: bool) -> bool:
        """Whether this run brought the thing about: now, or in an earlier try that found it missing."""
        if created:
            return True
        known = self.step.known_effects.get((kind, name))
        return known is not None and bool(known.reference.get("created"))

    def log(self, line: str) -> None:
        self.lines.append(f"{timezone.now():%H:%M:%S} {line}\n")

    def ensure(
        self,
        kind: str,
        name: str,
        *,
        make: Callable[[], effects.Made],
        look: Callable[[], effects.Made | None] | None = None,
        settle: timedelta | None = None,
        looks_first: bool = True,
    ) -> effects.Made:
        """See `effects.ensure`."""
        known = self.step.known_effects.get((kind, name))
        made = effects.ensure(self.step, kind, name, make=make, look=look, settle=settle, looks_first=looks_first)
        if known is None or known.state != EffectState.MADE:
            self.log(f"{kind} {name}")
        return made


def turn(step_id: int) -> bool:
    """Give the step one turn; False where there was nothing to do. Never raises for what the step does."""
    step = hold.claim(step_id)
    if step is None:
        return False
    _perform(step, take_next=False)
    return True


def carry(step_id: int) -> None:
    """Whatever is due in the step's lane, one after the other: what a turn made ready there, and then what else waits.

    One ring is enough for a backlog. After a spell it is handed on by a ring, so that other lanes get this worker, too.
    """
    until = time.monotonic() + SPELL
    try:
        step = hold.claim_fairly(step_id)
        while step is not None:
            following = _perform(step, take_next=True)
            if following is None and time.monotonic() > until:
                registry.ring(step.queue, step_id)
                return
            step = following or hold.claim_fairly(step_id)
    except DATABASE_FAILED:
        logger.warning("the database failed before a step was taken; the sweep rings again", exc_info=True)
        connection.close()


def _perform(step: Step, *, take_next: bool) -> Step | None:
    """The step's code, outside any transaction, and how it ended. Returns the next step, where it was taken."""
    work = Work(step)
    run = step.run
    with under_way.turn(str(run.pk), run.trace, f"{run.kind} {step.name}", step.attempt) as span:
        try:
            points.reached(Point.CLAIMED, step)
            ending = _ending(step, work)
            points.reached(Point.SETTLING, step)
            following = hold.settle(step, ending, "".join(work.lines), take_next=take_next)
            points.reached(Point.SETTLED, step)
            span.set_attribute("onramp.ending", type(ending).__name__.lower())
            return following
        except Lost:
            logger.warning("lost %s: somebody else holds it", step)
        except DATABASE_FAILED as error:
            logger.exception("the database failed under %s", step)
            _hand_back(step, error)
    return None


def _hand_back(step: Step, error: Exception) -> None:
    """Another turn comes soon: who lives gives back what it holds, so that only those who die are counted as lost.

    Where the commit that seemed to fail was one after all, or the database is still away, there is nothing to do: the
    step goes on as it was written, or when its lease ends.
    """
    connection.close()
    try:
        hold.settle(step, _paused(step, Retry("The database failed in the middle of this step", detail=str(error))))
    except (Lost, *DATABASE_FAILED):
        logger.warning("%s could not be handed back", step)
        connection.close()


def _ending(step: Step, work: Work) -> Ending:
    """What the step returns, or what its error comes to. Raises Lost, and the database's errors."""
    if step.losses >= hold.MAX_LOSSES:
        return _failed(step, Failure(f"Stopped: its worker died {step.losses} times in a row in this step."))
    if not registry.known(step.run.kind, step.name):
        # Old and new workers run side by side during a deployment: the other one knows it.
        return Wait(f"This worker's version does not know the step “{step.name}”; another one will take it.", STRANGE)
    try:
        with keeping.kept(step):
            return registry.kind(step.run.kind, step.name).perform(work)
    except (Lost, *DATABASE_FAILED):
        raise
    except Unsettled as error:
        return Wait(f"Checking whether {error.name} exists already", seconds=error.seconds + 0.2)
    except Retry as error:
        return _paused(step, error)
    except Failure as error:
        return _failed(step, error)
    except Exception as error:
        logger.exception("unknown error in %s", step)
        record("onramp.step.unknown_error", f"run:{step.run_id}", step=step.name, error=type(error).__name__)
        says = f"Something unexpected happened in this step: {type(error).__name__}"
        return _failed(step, Failure(says, detail=traceback.format_exc()))


def _paused(step: Step, error: Retry) -> Ending:
    """Try again later, with jitter; give up after MAX_FAILURES in a row, unless the step knows better."""
    failures = step.failures + 1
    if failures > MAX_FAILURES and not error.endless:
        return _failed(step, Failure(f"Gave up after {failures} tries. {error.says}", detail=error.detail))
    pause = error.after if error.after is not None else min(LONGEST_PAUSE, 2.0 ** min(failures, 6) / 2)
    pause = pause + random.uniform(0, min(2.0, pause))  # noqa: S311 - jitter, not a secret
    says = f"{error.says}. Trying again by itself (try {failures + 1})."
    return Paused(says, pause, failures, tried=error.says, detail=error.detail)


def _failed(step: Step, error: Failure) -> Ending:
    if registry.known(step.run.kind, step.name) and registry.kind(step.run.kind, step.name).tireless:
        record("onramp.step.failed", f"run:{step.run_id}", step=step.name, says=error.says)
        return _paused(step, Retry(error.says, detail=error.detail, endless=True))
    return Failed(error.says, error.detail)
