"""Changes outside: never twice, never zero.

The name is decided first; the intent is committed before the call; on a repeat the clock is read before the look,
and "not found" counts only once the last try is older than SETTLE; fence and try are one commit directly before the
call; an ambiguous answer stays at intent.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from onboarding.engine import hold, progress
from onboarding.engine.outcomes import Ambiguous, Retry, Unsettled
from onboarding.models import Effect, EffectState, Step

SETTLE = timedelta(seconds=20)
"""Longer than a call may take; a provider whose search lags passes its own."""


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
    settle: timedelta = SETTLE,
    refuses_a_second: bool = False,
) -> Made:
    """Bring the effect about exactly once and return what it left.

    `look` finds it by its name; without one, `make` must be harmless to repeat (a server-side apply). Where the other
    side `refuses_a_second` of the same name, the first try needs no look beforehand. Raises Lost, Unsettled, Retry, or
    whatever clear refusal `make` raises.
    """
    effect = Effect.objects.filter(step=step, kind=kind, name=name).first() or Effect(step=step, kind=kind, name=name)
    if effect.state == EffectState.MADE:
        return Made(effect.reference, effect.url)
    if look is not None and not (refuses_a_second and effect.tried_at is None):
        now = _database_now() if effect.tried_at else None
        found = look()
        if found is not None:
            return _made(effect, found)
        if effect.tried_at is not None and now is not None and now - effect.tried_at < settle:
            raise Unsettled(name, (settle - (now - effect.tried_at)).total_seconds())
    _try(step, effect)
    try:
        made = make()
    except Ambiguous as error:
        raise Retry(f"No clear answer about {name}; looking whether it was done", detail=str(error)) from error
    return _made(effect, made)


def _database_now() -> datetime:
    """The clock that all workers share; read before looking, so that the look is never older than it says."""
    now: datetime = Step.objects.values_list(Now(), flat=True)[:1].get()
    return now


def _try(step: Step, effect: Effect) -> None:
    """Intent, fence and try in one commit directly before the call: no loser of the step gets past the fence."""
    with transaction.atomic():
        hold.renew(step)
        if effect.pk is None:
            effect.tries, effect.tried_at = 1, Now()
            effect.save(force_insert=True)
        else:
            Effect.objects.filter(pk=effect.pk).update(tries=F("tries") + 1, tried_at=Now())


def _made(effect: Effect, made: Made) -> Made:
    """Recorded even where the step was lost meanwhile: it exists outside, and clean-up must know."""
    seen: dict[str, Any] = {
        "state": EffectState.MADE,
        "made_at": timezone.now(),
        "reference": made.reference,
        "url": made.url[:500],
    }
    with transaction.atomic():
        if effect.pk is None:  # found by the first look
            Effect.objects.update_or_create(step=effect.step, kind=effect.kind, name=effect.name, defaults=seen)
        else:
            Effect.objects.filter(pk=effect.pk).update(**seen)
        progress.touch(effect.step.run)
    return made
