"""Take back what a run made outside, in reverse. What is not the run's alone any more stays, and it is said why."""

import functools
from collections.abc import Callable

from django.db.models import Max

from onboarding.engine import effects
from onboarding.engine.effects import Made
from onboarding.engine.outcomes import Done, Outcome, Wait
from onboarding.engine.work import Work
from onboarding.models import Effect, EffectState, Onboarding, Undo
from onboarding.steps import undoing
from onboarding.steps.journey import Journey
from onboarding.steps.outside import changing, meets
from onboarding.steps.undoing import Hand, Leftover, Standing


def perform(capability: str, *names: str) -> Callable[[Work], Outcome]:
    """The step that takes back what these steps of the onboarding made at this capability."""
    return meets(capability)(functools.partial(_take_back, capability, names))


def _take_back(capability: str, names: tuple[str, ...], work: Work) -> Outcome:
    onboarding = Undo.objects.select_related("onboarding__repository").get(pk=work.run.pk).onboarding
    pause = _unsettled(work, onboarding)
    if pause > 0:
        return Wait("A call of the ended run may still arrive; Onramp looks when it cannot any more.", pause)
    hand = undoing.HANDS[capability](Journey(onboarding))
    left: list[Leftover] = []
    made = undoing.made(onboarding, names)
    for effect in sorted(made, key=lambda one: one.kind != "Namespace"):  # what it holds goes with it
        found = hand.look(effect)
        if found.standing == Standing.THERE:
            work.ensure(
                "taking back", f"{effect.kind} {effect.name}", make=changing(functools.partial(_gone, hand, effect))
            )
        elif found.standing == Standing.STAYS:
            left.append(found)
    taken = [name for (_, name), one in work.step.known_effects.items() if one.state == EffectState.MADE]
    return Done(_words(taken, left), {"left": [[one.effect.kind, one.effect.name, one.says] for one in left]})


def _gone(hand: Hand, effect: Effect) -> Made:
    hand.take_back(effect)
    return Made()


def _unsettled(work: Work, onboarding: Onboarding) -> float:
    """Seconds until no call of the ended run can be under way any more."""
    tries = Effect.objects.filter(step__run=onboarding.pk, state=EffectState.INTENDED)
    last = tries.aggregate(last=Max("tried_at"))["last"]
    if last is None:
        return 0.0
    return float((effects.SETTLE - (work.now() - last)).total_seconds())


def _words(taken: list[str], left: list[Leftover]) -> str:
    if not taken and not left:
        return "There is nothing left of it."
    words = [f"Taken back: {'; '.join(taken)}."] if taken else ["Nothing had to be taken back."]
    if left:
        words.append(f"Left: {len(left)}, each with its reason below.")
    return " ".join(words)
