"""Undo what a run created outside, in reverse. Effects that are shared with others by now stay, with the reason."""

import functools

from django.db.models import Max

from engine import effects
from engine.context import Work
from engine.effects import Made
from engine.models import Effect, EffectState
from engine.outcomes import Done, Outcome, Wait
from engine.registry import StepKind
from integrations import providers
from onboarding.models import EffectKind, Onboarding, Undo
from onboarding.steps import undoing
from onboarding.steps.errors import Perform, ensure, translates_errors_of
from onboarding.steps.results import UndoResult
from onboarding.steps.subject import Subject
from onboarding.steps.undoing import Leftover, LeftoverState, Undoer


def _undoes(capability: str, *names: str) -> Perform:
    """The step that undoes what these steps of the onboarding created at this capability."""
    return translates_errors_of(capability)(functools.partial(_perform, capability, names))


def _perform(capability: str, names: tuple[str, ...], work: Work) -> Outcome:
    onboarding = Undo.objects.select_related("onboarding__repository").get(pk=work.run.pk).onboarding
    pause = _seconds_until_visible(work, onboarding)
    if pause > 0:
        return Wait("A call of the ended run may still arrive; Onramp checks once it no longer can.", pause)
    provider = providers.capability(capability).provider().name
    undoer = undoing.UNDOERS[capability](Subject(onboarding))
    kept: list[Leftover] = []
    made = undoing.effects_of(onboarding, names)
    for effect in sorted(made, key=lambda effect: effect.kind != EffectKind.NAMESPACE):  # its contents go with it
        leftover = undoer.inspect(effect)
        if leftover.state == LeftoverState.EXISTS:
            undo = functools.partial(_undo, undoer, effect)
            ensure(work, provider, EffectKind.UNDO, f"{effect.kind} {effect.name}", create=undo)
        elif leftover.state == LeftoverState.KEPT:
            kept.append(leftover)
    undone = [name for (_, name), effect in work.step.known_effects.items() if effect.state == EffectState.MADE]
    rows = [[leftover.effect.kind, leftover.effect.name, leftover.reason] for leftover in kept]
    return Done(_summary(undone, kept), UndoResult(kept=rows))


def _undo(undoer: Undoer, effect: Effect) -> Made:
    undoer.undo(effect)
    return Made()


def _seconds_until_visible(work: Work, onboarding: Onboarding) -> float:
    """Seconds until no call of the ended run can be in progress any more."""
    tries = Effect.objects.filter(step__run=onboarding.pk, state=EffectState.INTENDED)
    last = tries.aggregate(last=Max("tried_at"))["last"]
    if last is None:
        return 0.0
    return float((effects.VISIBLE_AFTER - (work.now() - last)).total_seconds())


def _summary(undone: list[str], kept: list[Leftover]) -> str:
    if not undone and not kept:
        return "Nothing of it is left."
    sentences = [f"Undone: {'; '.join(undone)}."] if undone else ["Nothing had to be undone."]
    if kept:
        sentences.append(f"Left in place: {len(kept)}, each with its reason below.")
    return " ".join(sentences)


STEPS = [
    StepKind("proposal", "Pull request", "source", (), _undoes("source", "pull_request")),
    StepKind("tenancy", "Namespace", "cluster", ("proposal",), _undoes("cluster", "namespace", "configuration")),
    StepKind("retention", "Logs", "logs", ("proposal",), _undoes("logs", "logs")),
    StepKind("hook", "Webhook", "source", ("tenancy", "retention"), _undoes("source", "access")),
]
"""What an onboarding created, in reverse."""
