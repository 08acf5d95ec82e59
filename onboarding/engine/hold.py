"""Who may write: a claim is a lease in the database's time and a fencing token."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Concat, Now

from events.log import record
from onboarding.engine import progress, registry
from onboarding.engine.outcomes import Blocked, Done, Lost, Outcome, Refused, Wait
from onboarding.models import Attempt, Move, Run, RunState, Step, StepState

LEASE = timedelta(seconds=30)
MAX_LOSSES = 4
"""A step whose workers die this often in a row stops: it is the step that kills them."""

_DUE = Q(state__in=[StepState.READY, StepState.WAITING], due_at__lte=Now())
_ABANDONED = Q(state=StepState.RUNNING, lease_until__lt=Now())
CLAIMABLE = _DUE | _ABANDONED


def claim(step_id: int) -> Step | None:
    """Take the step if it is due or its holder's lease is over; None where there is nothing to take."""
    with transaction.atomic():
        step = (
            Step.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("run")
            .filter(CLAIMABLE, pk=step_id, run__state=RunState.ACTIVE)
            .first()
        )
        if step is None:
            return None
        looking = step.state == StepState.WAITING and not step.failures
        step.losses = step.losses + 1 if step.state == StepState.RUNNING else 0
        step.epoch += 1
        if not looking:
            step.attempt += 1
            Attempt.objects.create(step=step, number=step.attempt)
        Step.objects.filter(pk=step.pk).update(
            state=StepState.RUNNING,
            epoch=step.epoch,
            attempt=step.attempt,
            losses=step.losses,
            lease_until=Now() + LEASE,
            woken=False,
            began_at=F("began_at") if step.began_at else Now(),
            since=F("since") if looking else Now(),
        )
        if not looking:
            progress.touch(step.run)
        return step


def mine(step: Step) -> Any:
    """The row, only while we still hold it."""
    return Step.objects.filter(pk=step.pk, epoch=step.epoch, state=StepState.RUNNING)


def renew(step: Step) -> None:
    """Hold on to the step for another lease. Raises Lost."""
    if not mine(step).update(lease_until=Now() + LEASE):
        raise Lost


def settle(step: Step, outcome: Outcome, log: str = "") -> None:
    """Write how the turn ended, and what is next, in one commit. Raises Lost where the step is no longer ours."""
    with transaction.atomic():
        fields = _fields(step, outcome)  # locks the blocker's row before the run's, as clearing it does
        run = progress.lock(step.run_id)
        if not mine(step).update(lease_until=None, losses=0, failures=0, failing_since=None, **fields):
            raise Lost
        close_attempt(step, outcome, log)
        _tell(run, step, outcome, fields)
        if isinstance(outcome, Done | Refused):
            progress.advance(run)


def _fields(step: Step, outcome: Outcome) -> dict[str, Any]:
    fields: dict[str, Any] = {"reason": outcome.says, "detail": "", "blocker": None, "due_at": None}
    match outcome:
        case Done(result=result, links=links):
            fields |= {
                "state": StepState.DONE,
                "result": result,
                "links": links,
                "move": Move.MACHINE,
                "ended_at": Now(),
            }
        case Wait(seconds=seconds, move=move, links=links, result=result):
            soon = Case(When(woken=True, then=Now()), default=Now() + timedelta(seconds=seconds))
            fields |= {"state": StepState.WAITING, "move": move, "due_at": soon, "links": links}
            if result is not None:
                fields["result"] = result
        case Blocked(move=move, detail=detail):
            blocker = outcome.join(step)
            fields |= {"state": StepState.BLOCKED, "move": move, "blocker": blocker, "detail": detail}
            fields["links"] = [(blocker.ticket_key, blocker.ticket_url)] if blocker.ticket_url else []
        case Refused(links=links):
            fields |= {"state": StepState.REFUSED, "links": links, "move": Move.MACHINE, "ended_at": Now()}
    if fields["state"] != step.state or fields["reason"] != step.reason:
        fields["since"] = Now()
    return fields


def close_attempt(step: Step, outcome: Outcome | None, log: str, *, failed: str = "") -> None:
    """The attempt keeps its log; it ends unless the step only waits."""
    changes: dict[str, Any] = {"log": Concat(F("log"), Value(log))} if log else {}
    if failed:
        changes |= {"ended_at": Now(), "outcome": "failed", "says": failed}
    elif outcome is not None and not isinstance(outcome, Wait):
        changes |= {"ended_at": Now(), "outcome": type(outcome).__name__.lower(), "says": outcome.says}
    if changes:
        Attempt.objects.filter(step=step, number=step.attempt).update(**changes)


def _tell(run: Run, step: Step, outcome: Outcome, fields: dict[str, Any]) -> None:
    """An event and a new version, only where people would notice a difference."""
    if step.state == StepState.WAITING and isinstance(outcome, Wait) and outcome.says == step.reason:
        return
    step.state, step.reason, step.move = fields["state"], fields["reason"], fields["move"]
    record(
        f"onramp.step.{step.state}",
        f"run:{run.pk}",
        step=step.name,
        attempt=step.attempt,
        says=outcome.says,
        move=step.move,
    )
    progress.touch(run)
    registry.changed(run, step)
