"""One execution of one step: claim, perform outside any transaction, complete."""

import logging
import random
import time
import traceback
from collections.abc import Iterable

from django.db import InterfaceError, InternalError, OperationalError, connection

from database.storable import storable
from engine import claims, completion, failpoints, lease, registry, tracing
from engine.context import Work
from engine.failpoints import Failpoint
from engine.heartbeat import heartbeat
from engine.models import Step
from engine.outcomes import Ending, Failed, Failure, Lost, NotYetVisible, Paused, Retry, Wait
from events.log import record

logger = logging.getLogger(__name__)

MAX_FAILURES = 12
MAX_PAUSE = 60.0
TIME_SLICE = 1.0
"""Seconds for which a worker stays with one queue before it serves others."""
RUN_SLICE = 20.0
"""Seconds for which a worker goes on with one run: less than it has to finish when it stops
(`CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT`)."""
QUARANTINE = 3600.0
"""Seconds until a step that killed its workers, and must not fail, is retried."""
DATABASE_ERRORS = (OperationalError, InterfaceError, InternalError)
"""The database is away or read-only, or it chose us as the victim of a deadlock: nothing that the step is to blame for."""


_served: set[str] = set()


def serve(queues: Iterable[str]) -> None:
    """Called when a worker starts: its processes execute the steps of these queues."""
    _served.clear()
    _served.update(queues)


def execute(step_id: int) -> bool:
    """Execute the step once; False where there was nothing to do. Never raises for what the step does."""
    step = claims.claim(step_id)
    if step is None:
        return False
    _perform(step)
    return True


def drain(step_id: int) -> None:
    """Execute whatever is due in the step's queue, one after the other. Before another run comes, each run goes on in every
    queue that this process serves, as far as it can or until its time slice is over.

    One notification is enough for a backlog. After a time slice the queue is passed on by a new notification, so that
    other queues get this worker too.
    """
    until = time.monotonic() + TIME_SLICE
    try:
        while (step := claims.claim_next(step_id)) is not None:
            _perform_with_followers(step)
            if time.monotonic() > until:
                registry.notify(step.queue, step_id)
                return
    except DATABASE_ERRORS:
        logger.warning("the database failed before a step was claimed; the sweep notifies again", exc_info=True)
        connection.close()


def _perform_with_followers(step: Step) -> None:
    take, take_until = _served or {step.queue}, time.monotonic() + RUN_SLICE
    following = _perform(step, take, take_until)
    while following is not None:
        following = _perform(following, take, take_until)


def _perform(step: Step, take: Iterable[str] = (), take_until: float = 0.0) -> Step | None:
    """The step's code, outside any transaction, and how it ended. Returns the next step of these queues, where it was claimed:
    none after `take_until`, on this machine's monotonic clock."""
    work = Work(step)
    run = step.run
    with tracing.execution_span(str(run.pk), run.trace, f"{run.kind} {step.name}", step.attempt) as span:
        try:
            failpoints.reach(Failpoint.CLAIMED, step)
            ending = _ending(step, work)
            failpoints.reach(Failpoint.COMPLETING, step)
            following = _complete(step, ending, "".join(work.lines), take if time.monotonic() < take_until else ())
            failpoints.reach(Failpoint.COMPLETED, step)
            span.set_attribute("onramp.ending", type(ending).__name__.lower())
            return following
        except Lost:
            logger.warning("lost %s: another worker holds it", step)
        except DATABASE_ERRORS as error:
            logger.exception("the database failed during %s", step)
            _hand_back(step, error)
    return None


def _complete(step: Step, ending: Ending, log: str, take: Iterable[str]) -> Step | None:
    """Complete the step. An ending that cannot be stored fails the step at once: a retry would return the same."""
    try:
        return completion.complete(step, ending, log, take=take)
    except (Lost, *DATABASE_ERRORS):
        raise
    except Exception as error:
        logger.exception("the end of %s cannot be written", step)
        message = f"What this step returned cannot be stored: {storable(str(error))}"
        failure = Failure(message, detail=storable(f"{ending}\n\n{traceback.format_exc()}"))
        return completion.complete(step, _failed(step, failure), storable(log), take=take)


def _hand_back(step: Step, error: Exception) -> None:
    """Make the step due again soon: a living worker returns what it holds, so that only dead ones count as crashed.

    Where the commit that seemed to fail succeeded after all, or the database is still away, there is nothing to do: the
    step proceeds as it was written, or when its lease expires.
    """
    connection.close()
    try:
        retry = Retry("The database failed in the middle of this step", detail=str(error))
        completion.complete(step, _paused(step, retry))
    except (Lost, *DATABASE_ERRORS):
        logger.warning("%s could not be handed back", step)
        connection.close()


def _ending(step: Step, work: Work) -> Ending:
    """What the step returns, or what its error amounts to. Raises Lost, and the database's errors."""
    if step.crashes >= lease.MAX_CRASHES:
        return _stopped(step)
    try:
        with heartbeat(step):
            return registry.kind(step.run.kind, step.name).perform(work)
    except (Lost, *DATABASE_ERRORS):
        raise
    except NotYetVisible as error:
        return Wait(f"Checking whether {error.name} already exists", seconds=error.seconds + 0.2)
    except Retry as error:
        return _paused(step, error)
    except Failure as error:
        return _failed(step, error)
    except Exception as error:
        logger.exception("unexpected error in %s", step)
        record("onramp.step.unknown_error", f"run:{step.run_id}", step=step.name, error=type(error).__name__)
        message = f"Unexpected error in this step: {type(error).__name__}"
        return _failed(step, Failure(message, detail=traceback.format_exc()))


def _stopped(step: Step) -> Ending:
    """The step kills its workers, so it fails. A step that must not fail is retried once an hour: a fix may have been deployed."""
    message = f"Stopped: its worker died {step.crashes} times in a row in this step."
    if not _never_fails(step):
        return Failed(message)
    record("onramp.step.quarantined", f"run:{step.run_id}", step=step.name, message=message)
    return Paused(message, QUARANTINE, step.failures, attempt_message=message, crashes=lease.MAX_CRASHES - 1)


def _paused(step: Step, error: Retry) -> Ending:
    """Try again later, with jitter; give up after MAX_FAILURES in a row, unless the step knows better."""
    failures = step.failures + 1
    if failures > MAX_FAILURES and not error.endless:
        return _failed(step, Failure(f"Gave up after {failures} attempts. {error.message}", detail=error.detail))
    pause = error.after if error.after is not None else min(MAX_PAUSE, 2.0 ** min(failures, 6) / 2)
    pause = pause + random.uniform(0, min(2.0, pause))  # noqa: S311 - jitter, not a secret
    message = f"{error.message}. Retrying automatically (attempt {failures + 1})."
    return Paused(message, pause, failures, attempt_message=error.message, detail=error.detail)


def _failed(step: Step, error: Failure) -> Ending:
    if _never_fails(step):
        record("onramp.step.failed", f"run:{step.run_id}", step=step.name, message=error.message)
        return _paused(step, Retry(error.message, detail=error.detail, endless=True))
    return Failed(error.message, error.detail)


def _never_fails(step: Step) -> bool:
    return registry.kind(step.run.kind, step.name).never_fails
