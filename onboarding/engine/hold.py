"""Who may write: a claim is a lease in the database's time and a fencing token."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from psycopg.types.json import Jsonb

from events.log import record
from onboarding.engine import progress, registry, statements
from onboarding.engine.outcomes import Blocked, Done, Ending, Failed, Lost, Paused, Refused, Wait
from onboarding.models import Move, Run, RunState, Step, StepState

LEASE = timedelta(seconds=30)
MAX_LOSSES = 4
"""A step whose workers die this often in a row stops: it is the step that kills them."""


def claim(step_id: int) -> Step | None:
    """Take the step if it is due or its holder's lease is over; None where there is nothing to take."""
    values = {"step": step_id, "lease": LEASE.total_seconds(), "grace": 0}
    for step in Step.objects.raw(statements.CLAIM, values):
        found = vars(step)
        named = (step.run_id, found["run_kind"], RunState.ACTIVE, found["run_topic"])
        step.run = Run.from_db("default", ["id", "kind", "state", "topic"], named)
        return step
    return None


def mine(step: Step) -> Any:
    """The row, only while we still hold it."""
    return Step.objects.filter(pk=step.pk, epoch=step.epoch, state=StepState.RUNNING)


def renew(step: Step) -> None:
    """Hold on to the step for another lease. Raises Lost."""
    if not mine(step).update(lease_until=Now() + LEASE):
        raise Lost


def settle(step: Step, ending: Ending, log: str = "", *, take_next: bool = False) -> Step | None:
    """Write how the turn ended, and what is next, in one commit. Raises Lost where the step is no longer ours.

    With `take_next`, what this made ready in the same lane is claimed in that commit too, and returned.
    """
    with transaction.atomic():
        values = _values(step, ending)  # locks the blocker's row before the run's, as clearing it does
        goes_on = isinstance(ending, Done | Refused)
        if goes_on:  # what the run's other steps finished meanwhile is seen only once they are shut out
            progress.lock(step.run_id)
        news = _is_news(step, ending)
        keys = {"run": step.run_id, "step": step.pk, "epoch": step.epoch, "attempt": step.attempt}
        if not statements.rows(statements.SETTLE, values | keys | {"log": log, "told": news}):
            raise Lost
        if news:
            _tell(step, ending, values)
        ready = progress.advance(step.run, lane=step.queue if take_next else "") if goes_on else None
        return claim(ready) if ready is not None else None


def _is_news(step: Step, ending: Ending) -> bool:
    """Looking again and finding the same is nothing that people would notice."""
    return not (step.looking and isinstance(ending, Wait) and ending.says == step.reason)


def _values(step: Step, ending: Ending) -> dict[str, Any]:
    """The columns that the ending writes."""
    values: dict[str, Any] = {
        "says": ending.says,
        "attempt_says": ending.says,
        "move": Move.MACHINE,
        "detail": "",
        "links": [],
        "result": None,
        "blocker": None,
        "pause": None,
        "wakes": False,
        "failures": 0,
        "ends": isinstance(ending, Done | Refused),
        "outcome": type(ending).__name__.lower(),
    }
    match ending:
        case Done(result=result, links=links):
            values |= {"state": StepState.DONE, "result": Jsonb(result), "links": links}
        case Wait(seconds=seconds, move=move, links=links, result=result):
            values |= {"state": StepState.WAITING, "move": move, "pause": seconds, "wakes": True, "links": links}
            values |= {"result": None if result is None else Jsonb(result), "outcome": ""}
        case Blocked(move=move, detail=detail):
            blocker = ending.join(step)
            ticket = [(blocker.ticket_key, blocker.ticket_url)] if blocker.ticket_url else []
            values |= {"state": StepState.BLOCKED, "move": move, "blocker": blocker.pk, "detail": detail}
            values |= {"links": ticket}
        case Refused(links=links):
            values |= {"state": StepState.REFUSED, "links": links}
        case Paused(seconds=seconds, failures=failures, tried=tried, detail=detail):
            values |= {"state": StepState.WAITING, "pause": seconds, "failures": failures, "detail": detail}
            values |= {"attempt_says": tried, "outcome": "failed"}
        case Failed(detail=detail):
            values |= {"state": StepState.FAILED, "move": Move.TEAM, "detail": detail}
    return values | {"links": Jsonb(values["links"])}


def _tell(step: Step, ending: Ending, values: dict[str, Any]) -> None:
    """An event, and whoever listens."""
    step.state, step.reason, step.move = values["state"], ending.says, values["move"]
    word = "retry" if isinstance(ending, Paused) else step.state
    facts = {"step": step.name, "attempt": step.attempt, "says": values["attempt_says"], "move": step.move}
    record(f"onramp.step.{word}", f"run:{step.run_id}", **facts)
    registry.changed(step.run, step)
