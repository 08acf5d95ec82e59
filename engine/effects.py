"""Changes outside: never twice, never zero.

The name is decided first; the intent is committed before the call; on a repeat the clock is read before looking, and "not
found" counts only once the last try is older than `visible_after`; fence and try are one commit directly before the call;
an ambiguous answer stays at intent, a clear refusal need not become visible first. What becomes of a
try is written only while nobody has tried since: the row keeps the epoch of who did.
"""

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from psycopg.types.json import Jsonb

from database import clock, prepared
from engine import failpoints, lease, statements
from engine.failpoints import Failpoint
from engine.models import Effect, EffectState, Step
from engine.outcomes import Ambiguous, Lost, NotDone, NotYetVisible, Retry

VISIBLE_AFTER = timedelta(seconds=20)
"""Longer than all calls of a try may take together; a provider whose search lags passes its own."""

_fence_time: ContextVar[float] = ContextVar("fence_time")


@dataclass(frozen=True)
class Made:
    """An effect outside: `reference` is what later steps need of it (JSON values), `url` where people see it."""

    reference: dict[str, Any] = field(default_factory=dict)
    url: str = ""


def ensure(
    step: Step,
    kind: str,
    name: str,
    *,
    create: Callable[[], Made],
    find: Callable[[], Made | None] | None = None,
    visible_after: timedelta | None = None,
    find_first: bool = True,
    turn: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Made:
    """Bring the effect about exactly once and return it.

    `find` finds it by its name; without one, `create` must be harmless to repeat (a server-side apply). Without
    `find_first` the first try creates at once: the other side refuses a second one of that name, or nobody else can have
    created it. `turn` is entered before the intent is written, so that waiting in it is no part of the try, and left after
    `create`. Raises Lost, NotYetVisible, Retry, whatever `turn` raises, or whatever clear refusal `create` raises.
    """
    known = step.known_effects.get((kind, name))
    if known is not None and known.state == EffectState.MADE:
        return Made(known.reference, known.url)
    last_try = known.tried_at if known is not None and known.state == EffectState.INTENDED else None
    visible_after = VISIBLE_AFTER if visible_after is None else visible_after
    if find is not None and (find_first or last_try is not None):
        now = clock.now() if last_try else None
        existing = find()
        if existing is not None:
            return _record(step, kind, name, existing)
        if last_try is not None and now is not None and now - last_try < visible_after:
            raise NotYetVisible(name, (visible_after - (now - last_try)).total_seconds())
    with turn():
        made = _create(step, kind, name, create)
    return _record(step, kind, name, made)


def adopt(step: Step, made: Iterable[Effect]) -> None:
    """A step that has not begun finds these effects of an earlier run, instead of looking for them. In a transaction."""
    Effect.objects.bulk_create(
        Effect(
            step=step,
            kind=effect.kind,
            name=effect.name,
            state=EffectState.MADE,
            made_at=effect.made_at,
            reference=effect.reference,
            url=effect.url,
        )
        for effect in made
    )


def _create(step: Step, kind: str, name: str, create: Callable[[], Made]) -> Made:
    """One try: write the intent, then call `create`."""
    known_effects = step.known_effects
    del step.known_effects  # read again, unless this succeeds
    began = time.monotonic()
    _intend(step, kind, name)
    failpoints.reach(Failpoint.INTENDED, step)
    token = _fence_time.set(began)
    try:
        made = create()
    except Ambiguous as error:
        raise Retry(f"No clear answer about {name}; checking whether it exists", detail=str(error)) from error
    except NotDone as refusal:
        prepared.execute(statements.REFUSE_EFFECT, _identity(step, kind, name))
        raise refusal.error from refusal
    finally:
        _fence_time.reset(token)
    step.known_effects = known_effects
    failpoints.reach(Failpoint.CALLED, step)
    return made


def fence_time() -> float:
    """When the current try was fenced, on this machine's monotonic clock. What a call may take counts from here, so that a
    process that was stopped in between makes no call once another one holds the step."""
    return _fence_time.get()


def _intend(step: Step, kind: str, name: str) -> None:
    """Intent, fence and try in one commit directly before the call. Raises Lost."""
    parameters = _identity(step, kind, name) | {"lease": lease.LEASE.total_seconds()}
    if not prepared.execute(statements.INTEND_EFFECT, parameters):
        raise Lost


def _record(step: Step, kind: str, name: str, made: Made) -> Made:
    """Record an effect that exists outside, so that clean-up knows of it. Also after the step was lost, unless another holder has
    tried since."""
    values = {"run": step.run_id, "reference": Jsonb(made.reference), "url": made.url[:500]}
    prepared.execute(statements.RECORD_EFFECT, _identity(step, kind, name) | values)
    step.known_effects[kind, name] = Effect(
        kind=kind, name=name, state=EffectState.MADE, reference=made.reference, url=made.url
    )
    failpoints.reach(Failpoint.MADE, step)
    return made


def _identity(step: Step, kind: str, name: str) -> dict[str, Any]:
    """The parameters that name the effect's row and its writer."""
    return {"step": step.pk, "epoch": step.epoch, "kind": kind, "name": name}
