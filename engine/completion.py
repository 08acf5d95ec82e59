"""How an execution of a step is written down, and what comes next, in one commit."""

import functools
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from database import prepared
from engine import lease, registry, runs, statements
from engine.completion_parameters import completion_of
from engine.models import Run, RunState, Step, StepState
from engine.outcomes import Blocked, Declined, Ending, Lost

LONGEST_LOG = 65_536
"""Characters of an attempt's log that are kept, from its end: a step may wait for weeks."""


def complete(step: Step, ending: Ending, log: str = "", *, take: Iterable[str] = ()) -> Step | None:
    """Write how the execution ended, and what comes next, in one commit. Raises Lost where the step is no longer ours.

    The first step of these queues that this made ready is claimed in that commit too, and returned.
    """
    kind = step.run.kind
    ends_run = step.is_last and registry.listens_to_end(kind)
    if ends_run or isinstance(ending, Blocked | Declined) or registry.listens(kind, ending):
        with transaction.atomic():
            return _complete(step, ending, log, take, ends_run=True)
    return _complete(step, ending, log, take, ends_run=not registry.listens_to_end(kind))


def _complete(step: Step, ending: Ending, log: str, take: Iterable[str], *, ends_run: bool) -> Step | None:
    completion = completion_of(step, ending)  # locks the blocker's row before the run's, as clearing it does
    parameters = vars(completion) | {
        "log": log[-LONGEST_LOG:],
        "longest_log": LONGEST_LOG,
        "take": list(take),
        "names": registry.names(step.run.kind),
        "lease": lease.LEASE.total_seconds(),
        "ends_run": ends_run,
    }
    rows = _write(step.run, parameters)
    step.state, step.reason, step.move = completion.state, completion.message, completion.move
    if completion.is_news:
        registry.changed(step.run, step)
    if step.state == StepState.DECLINED:
        runs.end(step.run, RunState.DECLINED)
    elif rows[0][0]:
        _finish(step.run, is_ended=ends_run)
    return _hand_on(step, [row[1:] for row in rows if row[3] is not None])


def _write(run: Run, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """One statement suffices where nobody has changed the run since it was read. Otherwise the run is locked first, in the same
    round trip; the two are one commit, even without a transaction around them. Raises Lost."""
    rows = prepared.execute(statements.COMPLETE, parameters | {"version": run.version})
    if not rows:
        lock = (statements.LOCK, {"run": run.pk})
        rows = prepared.execute_in_order(lock, (statements.COMPLETE, parameters | {"version": None}))
    if not rows:
        raise Lost
    return rows


def _finish(run: Run, *, is_ended: bool) -> None:
    """Every step is done: end the run. If this process dies first, the reconciler ends it."""
    if is_ended:
        run.state = RunState.DONE
        registry.changed(run, None)
        return
    with transaction.atomic():
        if runs.lock(run.pk).state == RunState.ACTIVE and not run.steps.exclude(state=StepState.DONE).exists():
            runs.end(run, RunState.DONE)


def _hand_on(step: Step, ready: list[tuple[Any, ...]]) -> Step | None:
    """The step that was claimed; workers are notified of the others once the transaction has committed."""
    claimed = None
    for version, is_last, is_claimed, *columns in ready:
        following = Step.from_db("default", statements.HELD_COLUMNS, columns)
        if is_claimed:
            following.run, following.is_last = step.run, is_last
            following.run.version = version
            claimed = following
        else:
            transaction.on_commit(functools.partial(registry.notify, following.queue, following.pk))
    return claimed
