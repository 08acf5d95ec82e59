"""What became of what a run made outside, and taking it back: only what the run's effects say, and only while it is still ours.

The same look serves the previews of an undo and of a retry, and the undo itself.
"""

from collections.abc import Iterable

from integrations import http
from integrations.errors import IntegrationError
from integrations.providers import NotConfigured
from integrations.secrets import redact
from onboarding.models import Effect, EffectState, Onboarding
from onboarding.steps.journey import Journey
from onboarding.steps.undoing.cluster import OnCluster
from onboarding.steps.undoing.leftover import Hand, Leftover, Standing
from onboarding.steps.undoing.logs import InLogs
from onboarding.steps.undoing.source import AtSource

HANDS: dict[str, type[Hand]] = {"source": AtSource, "cluster": OnCluster, "logs": InLogs}
"""Capability → who knows its effects."""

__all__ = ["HANDS", "Hand", "Leftover", "Standing", "leftovers", "made"]


def made(onboarding: Onboarding, steps: Iterable[str] | None = None) -> list[Effect]:
    """Everything that the run (or these steps of it) changed outside, or may have; the newest first."""
    effects = Effect.objects.filter(step__run=onboarding.pk).exclude(state=EffectState.REFUSED).select_related("step")
    if steps is not None:
        effects = effects.filter(step__name__in=list(steps))
    return list(effects.order_by("-step__position", "-id"))


def leftovers(onboarding: Onboarding, steps: Iterable[str] | None = None) -> list[Leftover]:
    """What of it is there now, by reading only. What a provider does not tell is said to be unseen."""
    own = Journey(onboarding)
    hands = [kind(own) for kind in HANDS.values()]
    with http.reading():
        return [_seen(hands, effect) for effect in made(onboarding, steps)]


def _seen(hands: list[Hand], effect: Effect) -> Leftover:
    hand = next((one for one in hands if effect.kind in one.kinds), None)
    if hand is None:
        return Leftover(effect, Standing.STAYS, "it was done, and leaves nothing that could be taken back")
    try:
        return hand.look(effect)
    except (IntegrationError, NotConfigured) as error:
        return Leftover(effect, Standing.UNSEEN, f"could not be seen: {redact(str(error))}")
