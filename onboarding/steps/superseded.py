"""Pull requests of earlier runs, which make way for this run's."""

import functools

from engine.context import Work
from engine.effects import Made
from engine.models import Effect, EffectState
from integrations.source import source
from onboarding.models import EffectKind
from onboarding.steps.errors import ensure
from onboarding.steps.subject import Subject, commits_of

MAX_EARLIER = 5
"""Earlier pull requests of a repository that are checked."""


def close(work: Work, subject: Subject, number: int) -> None:
    """Close those that are still open and that nobody pushed to. `number` is the new one, 0 where there is none."""
    others = Effect.objects.filter(
        kind=EffectKind.PULL_REQUEST,
        state=EffectState.MADE,
        step__run__onboarding__repository=subject.repository,
    ).exclude(step__run=work.run.pk)
    for effect in others.select_related("step__run").order_by("-id")[:MAX_EARLIER]:
        earlier = int(effect.reference["number"])
        if earlier == number:
            continue
        pull = source().pull(subject.name, earlier)
        if pull.open and pull.head in commits_of(effect.step.run):
            reason = f"Superseded by #{number}." if number else "The repository contains all of it by now."
            close = functools.partial(_close, subject, earlier, f"{reason}\n\n{pull.body}")
            name = f"{subject.name}#{earlier}"
            ensure(work, source().name, EffectKind.PULL_REQUEST_CLOSING, name, create=close)


def _close(subject: Subject, number: int, body: str) -> Made:
    source().close_pull(subject.name, number, body)
    return Made({"number": number})
