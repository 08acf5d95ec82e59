"""From an ending to the parameters of the statement that writes it."""

import dataclasses
import functools
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.models import Move, Step, StepState
from engine.outcomes import Blocked, Declined, Done, Ending, Failed, Paused, Wait

MIN_PAUSE = 1.0
"""Seconds. The shortest pause before a step runs again, whatever it or a provider asks for: shorter ones make a hot loop."""


@dataclass(frozen=True)
class Completion:
    """The parameters of `sql/complete.sql`, named alike. Times are in seconds; `facts`, `links` and `result`
    are JSON."""

    run: uuid.UUID
    step: int
    epoch: int
    attempt: int
    began: datetime
    state: StepState
    message: str
    attempt_message: str
    outcome: str
    """Empty where the attempt goes on: the step only waits."""
    event: str
    subject: str
    facts: str
    end_event: str
    is_news: bool
    """Whether people would notice; checking again and finding the same is no news."""
    is_over: bool
    move: Move = Move.MACHINE
    detail: str = ""
    links: str = "[]"
    result: str | None = None
    blocked_by: uuid.UUID | None = None
    pause: float | None = None
    can_be_woken: bool = False
    failures: int = 0
    crashes: int = 0


def completion_of(step: Step, ending: Ending) -> Completion:
    """Joins the blocker where the step is blocked, so call it in the transaction of the completion."""
    build = functools.partial(_fill, step, ending)
    match ending:
        case Done(result=result, links=links):
            return build(StepState.DONE, result=json.dumps(_values(result)), links=json.dumps(links), is_over=True)
        case Wait(seconds=seconds, move=move, links=links, result=result):
            return build(
                StepState.WAITING,
                outcome="",
                move=move,
                pause=max(MIN_PAUSE, seconds),
                can_be_woken=True,
                links=json.dumps(links),
                result=None if result is None else json.dumps(result),
                is_news=not (step.rechecking and ending.message == step.reason),
            )
        case Blocked(move=move, detail=detail):
            joined = ending.join(step)
            return build(
                StepState.BLOCKED,
                message=joined.message or ending.message,
                move=joined.move or move,
                detail=detail,
                blocked_by=joined.run_id,
                links=json.dumps(joined.links),
            )
        case Declined(links=links):
            return build(StepState.DECLINED, links=json.dumps(links), is_over=True)
        case Paused(
            seconds=seconds, failures=failures, attempt_message=attempt_message, detail=detail, crashes=crashes
        ):
            return build(
                StepState.WAITING,
                word="retry",
                outcome="failed",
                attempt_message=attempt_message,
                pause=max(MIN_PAUSE, seconds),
                failures=failures,
                crashes=crashes,
                detail=detail,
            )
        case Failed(detail=detail):
            return build(StepState.FAILED, move=Move.TEAM, detail=detail)


def _fill(step: Step, ending: Ending, state: StepState, *, word: str = "", **values: Any) -> Completion:
    """What is alike for every ending; `word` is the last part of the event's type where it is not the state."""
    move = values.get("move", Move.MACHINE)
    message = values.get("message", ending.message)
    attempt_message = values.get("attempt_message", message)
    facts = {"step": step.name, "attempt": step.attempt, "message": attempt_message, "move": move}
    defaults: dict[str, Any] = {
        "message": message,
        "attempt_message": attempt_message,
        "outcome": type(ending).__name__.lower(),
        "is_news": True,
        "is_over": False,
    }
    return Completion(
        run=step.run_id,
        step=step.pk,
        epoch=step.epoch,
        attempt=step.attempt,
        began=step.since,
        state=state,
        event=f"onramp.step.{word or state}",
        subject=f"run:{step.run_id}",
        facts=json.dumps(facts),
        end_event=f"onramp.{step.run.kind}.done",
        **(defaults | values),
    )


def _values(result: Any) -> Mapping[str, Any]:
    """The JSON object that is stored for a step's result."""
    return dataclasses.asdict(result) if dataclasses.is_dataclass(result) and not isinstance(result, type) else result
