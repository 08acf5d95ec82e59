"""Who may write: a claim is a lease in the database's time and a fencing token."""

import functools
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from psycopg.types.json import Jsonb

from events import prepared
from onboarding.engine import progress, registry, statements
from onboarding.engine.outcomes import Blocked, Done, Ending, Failed, Lost, Paused, Refused, Wait
from onboarding.models import Move, Run, RunState, Step, StepState

LEASE = timedelta(seconds=30)
MAX_LOSSES = 4
"""A step whose workers die this often in a row stops: it is the step that kills them."""


def claim(step_id: int) -> Step | None:
    """Take the step if it is due or its holder's lease is over; None where there is nothing to take."""
    return _claimed(statements.CLAIM, step_id)


def claim_fairly(step_id: int) -> Step | None:
    """A ring for a step means work in its lane: taken is the oldest of whoever has the fewest workers there, so that many
    runs of one team do not hold up another's. None where nothing is due."""
    return _claimed(statements.CLAIM_FAIRLY, step_id)


def _claimed(statement: str, step_id: int) -> Step | None:
    values = {"step": step_id, "lease": LEASE.total_seconds(), "grace": 0}
    for *held, kind, topic, trace, alone in prepared.rows(statement, values):
        step = Step.from_db("default", statements.HELD, held)
        known = {"id": step.run_id, "kind": kind, "state": RunState.ACTIVE, "topic": topic, "trace": trace}
        step.run = Run.from_db("default", known.keys(), known.values())
        step.alone = alone
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

    With `take_next`, the first step of the same lane that this made ready is claimed in that commit too, and returned.
    """
    one_statement = step.alone and not isinstance(ending, Blocked) and not registry.listened_to(step.run.kind)
    with nullcontext() if one_statement else transaction.atomic():
        values = _values(step, ending)  # locks the blocker's row before the run's, as clearing it does
        if not step.alone:  # what the run's other steps finished meanwhile is seen only once they are shut out
            progress.lock(step.run_id)
        values |= {"log": log, "take": step.queue if take_next else "", "lease": LEASE.total_seconds()}
        found = prepared.rows(statements.SETTLE, values)
        if not found:
            raise Lost
        step.state, step.reason, step.move = values["state"], ending.says, values["move"]
        if values["news"]:
            registry.changed(step.run, step)
        if step.state == StepState.REFUSED:
            progress.end(step.run, RunState.REFUSED)
        elif found[0][0]:
            step.run.state = RunState.DONE
            registry.changed(step.run, None)
        return _handed_on(step, [row[1:] for row in found if row[1] is not None])


def _handed_on(step: Step, ready: list[tuple[Any, ...]]) -> Step | None:
    """The step taken in hand; the bell rings for the others once the transaction is in."""
    taken = None
    for in_hand, *held in ready:
        following = Step.from_db("default", statements.HELD, held)
        if in_hand:
            following.run, following.alone = step.run, step.alone and len(ready) == 1
            taken = following
        else:
            transaction.on_commit(functools.partial(registry.ring, following.queue, following.pk))
    return taken


def _values(step: Step, ending: Ending) -> dict[str, Any]:
    """What `SETTLE` writes for this ending."""
    values: dict[str, Any] = {
        "run": step.run_id,
        "step": step.pk,
        "epoch": step.epoch,
        "attempt": step.attempt,
        "began": step.since,
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
        "goes_on": isinstance(ending, Done | Refused),
        "outcome": type(ending).__name__.lower(),
        # Looking again and finding the same is nothing that people would notice.
        "news": not (step.looking and isinstance(ending, Wait) and ending.says == step.reason),
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
    return values | {"links": Jsonb(values["links"])} | _event(step, ending, values)


def _event(step: Step, ending: Ending, values: dict[str, Any]) -> dict[str, Any]:
    word = "retry" if isinstance(ending, Paused) else values["state"]
    facts = {"step": step.name, "attempt": step.attempt, "says": values["attempt_says"], "move": values["move"]}
    return {
        "event": f"onramp.step.{word}",
        "subject": f"run:{step.run_id}",
        "facts": Jsonb(facts),
        "end_event": f"onramp.{step.run.kind}.done",
        "end_facts": Jsonb({}),
    }
