"""What became of what a run created outside, and undoing it: only what the run's effects list, and only while nobody
else uses it.

The same inspection serves the previews of an undo and of a re-run, and the undo itself.
"""

from collections.abc import Iterable

from engine.models import Effect, EffectState
from integrations import http
from integrations.errors import IntegrationError
from integrations.providers import NotConfigured
from integrations.secrets import redact
from onboarding.models import EffectKind, Onboarding
from onboarding.steps.subject import Subject
from onboarding.steps.undoing.cluster import ClusterUndoer
from onboarding.steps.undoing.logs import LogsUndoer
from onboarding.steps.undoing.source import SourceUndoer
from onboarding.steps.undoing.undoer import Leftover, LeftoverState, Undoer

UNDOERS: dict[str, type[Undoer]] = {"source": SourceUndoer, "cluster": ClusterUndoer, "logs": LogsUndoer}
"""Capability → who undoes its effects."""

NOTHING_TO_UNDO = {
    EffectKind.PULL_REQUEST_UPDATE: "it is part of the pull request",
    EffectKind.PULL_REQUEST_CLOSING: "an earlier pull request that was closed stays closed",
    EffectKind.BUILD_RERUN: "a build that ran again leaves nothing behind",
    EffectKind.RESTORATION: "what was restored belongs to the namespace",
    EffectKind.TICKET: "a ticket is a record of what happened",
    EffectKind.TICKET_COMMENT: "a comment is a record of what happened",
    EffectKind.TICKET_CLOSING: "a closed ticket is a record of what happened",
    EffectKind.TICKET_DUPLICATE: "a closed duplicate is a record of what happened",
    EffectKind.CHAT: "a message that was sent cannot be recalled",
    EffectKind.MAIL: "a message that was sent cannot be recalled",
    EffectKind.UNDO: "an undo is not undone",
}
"""Effect kinds that no undoer handles, each with the reason."""

__all__ = [
    "NOTHING_TO_UNDO",
    "UNDOERS",
    "Leftover",
    "LeftoverState",
    "Undoer",
    "effects_of",
    "leftovers",
    "unhandled_kinds",
]


def unhandled_kinds() -> set[EffectKind]:
    """Effect kinds that an undo would not know what to do with; must be empty."""
    handled = {kind for undoer in UNDOERS.values() for kind in undoer.kinds}  # type: ignore[attr-defined]
    return set(EffectKind) - handled - set(NOTHING_TO_UNDO)


def effects_of(onboarding: Onboarding, steps: Iterable[str] | None = None) -> list[Effect]:
    """Everything that the run (or these steps of it) changed outside, or may have; the newest first."""
    effects = Effect.objects.filter(step__run=onboarding.pk).exclude(state=EffectState.REFUSED).select_related("step")
    if steps is not None:
        effects = effects.filter(step__name__in=list(steps))
    return list(effects.order_by("-step__position", "-id"))


def leftovers(onboarding: Onboarding, steps: Iterable[str] | None = None) -> list[Leftover]:
    """What of it exists now. Only reads; what a provider does not answer is UNKNOWN."""
    subject = Subject(onboarding)
    undoers = [undoer(subject) for undoer in UNDOERS.values()]
    with http.read_only():
        return [_inspect(undoers, effect) for effect in effects_of(onboarding, steps)]


def _inspect(undoers: list[Undoer], effect: Effect) -> Leftover:
    undoer = next((undoer for undoer in undoers if effect.kind in undoer.kinds), None)
    if undoer is None:
        return Leftover(effect, LeftoverState.KEPT, NOTHING_TO_UNDO[EffectKind(effect.kind)])
    try:
        return undoer.inspect(effect)
    except (IntegrationError, NotConfigured) as error:
        return Leftover(effect, LeftoverState.UNKNOWN, f"could not be checked: {redact(str(error))}")
