"""Changes outside: never twice, never zero.

The name is decided first; the intent is committed before the call; on a repeat the clock is read before the look,
and "not found" counts only once the last try is older than SETTLE; fence and try are one commit directly before the
call; an ambiguous answer stays at intent, a clear refusal needs no settling.
"""

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models.functions import Now
from psycopg.types.json import Jsonb

from events import prepared
from onboarding.engine import hold, points, statements
from onboarding.engine.outcomes import Ambiguous, Lost, NotDone, Retry, Unsettled
from onboarding.engine.points import Point
from onboarding.models import Effect, EffectState, Step

SETTLE = timedelta(seconds=20)
"""Longer than all calls of a try may take together; a provider whose search lags passes its own."""


_fenced_at: ContextVar[float] = ContextVar("fenced_at")


@dataclass(frozen=True)
class Made:
    """What an effect left outside: what later steps need of it, and where people see it."""

    reference: dict[str, Any] = field(default_factory=dict)
    url: str = ""


def ensure(
    step: Step,
    kind: str,
    name: str,
    *,
    make: Callable[[], Made],
    look: Callable[[], Made | None] | None = None,
    settle: timedelta | None = None,
    looks_first: bool = True,
) -> Made:
    """Bring the effect about exactly once and return what it left.

    `look` finds it by its name; without one, `make` must be harmless to repeat (a server-side apply). Without
    `looks_first` a first try is made at once: the other side refuses a second of that name, or nobody else can have
    made it. Raises Lost, Unsettled, Retry, or whatever clear refusal `make` raises.
    """
    known_effects = step.known_effects
    known = known_effects.get((kind, name))
    if known is not None and known.state == EffectState.MADE:
        return Made(known.reference, known.url)
    uncertain = known.tried_at if known is not None and known.state == EffectState.INTENDED else None
    settle = SETTLE if settle is None else settle
    if look is not None and (looks_first or uncertain is not None):
        now = database_now() if uncertain else None
        found = look()
        if found is not None:
            return _made(step, kind, name, found)
        if uncertain is not None and now is not None and now - uncertain < settle:
            raise Unsettled(name, (settle - (now - uncertain)).total_seconds())
    del step.known_effects  # read anew, unless this goes well
    began = time.monotonic()
    effect_id = _try(step, kind, name)
    points.reached(Point.INTENDED, step)
    token = _fenced_at.set(began)
    try:
        made = make()
    except Ambiguous as error:
        raise Retry(f"No clear answer about {name}; looking whether it was done", detail=str(error)) from error
    except NotDone as refusal:
        Effect.objects.filter(pk=effect_id, state=EffectState.INTENDED).update(state=EffectState.REFUSED)
        raise refusal.error from refusal
    finally:
        _fenced_at.reset(token)
    step.known_effects = known_effects
    points.reached(Point.CALLED, step)
    return _made(step, kind, name, made)


def fenced_at() -> float:
    """When the try under way was fenced, on this machine's monotonic clock: what a call may take counts from here, so that
    a process that was stopped in between does not call when another one holds the step."""
    return _fenced_at.get()


def database_now() -> datetime:
    """The clock that all workers share; read before looking, so that the look is never older than it says."""
    now: datetime = Step.objects.values_list(Now(), flat=True)[:1].get()
    return now


def _try(step: Step, kind: str, name: str) -> int:
    """Intent, fence and try in one commit directly before the call: no loser of the step gets past the fence."""
    values = {"step": step.pk, "epoch": step.epoch, "kind": kind, "name": name, "lease": hold.LEASE.total_seconds()}
    for (effect_id,) in prepared.rows(statements.TRY_EFFECT, values):
        return int(effect_id)
    raise Lost


def _made(step: Step, kind: str, name: str, made: Made) -> Made:
    """Recorded even where the step was lost meanwhile: it exists outside, and clean-up must know."""
    named = {"run": step.run_id, "step": step.pk, "kind": kind, "name": name}
    left = {"reference": Jsonb(made.reference), "url": made.url[:500]}
    prepared.rows(statements.MADE_EFFECT, named | left)
    step.known_effects[kind, name] = Effect(state=EffectState.MADE, reference=made.reference, url=made.url)
    points.reached(Point.MADE, step)
    return made
