"""Where a provider's error becomes the engine's: a retry, a blocker, or a failure that shows itself."""

import functools
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings

from engine import effects
from engine.context import Work
from engine.effects import Made
from engine.outcomes import Ambiguous, Failure, NotDone, Outcome, Retry, Wait
from integrations import http
from integrations.errors import Conflict, Denied, IntegrationError, Invalid, Missing, Queued, Transient
from integrations.providers import limited_as
from integrations.secrets import redact
from integrations.source import source
from onboarding.blockers import lifecycle, providers
from onboarding.models import Onboarding
from onboarding.steps import whereabouts
from onboarding.steps.subject import Subject

Perform = Callable[[Work], Outcome]


def translates_errors_of(capability: str) -> Callable[[Perform], Perform]:
    """The step works with this capability's provider; its errors are translated here and nowhere else."""

    def wrap(perform: Perform) -> Perform:
        @functools.wraps(perform)
        def translated(work: Work) -> Outcome:
            try:
                return _wherever_it_is(perform, work)
            except Queued as error:
                return Wait(f"Waiting for its turn. {error}.", error.retry_after)
            except Transient as error:
                retry = Retry(redact(str(error)), after=error.retry_after, detail=redact(error.detail))
                return _later(work, capability, retry, error)
            except Retry as error:
                return _later(work, capability, error)
            except Denied as error:
                if error.credentials:
                    return lifecycle.blocked(providers.credentials(capability, error, work.run.pk))
                return _refused(work, capability, error)
            except (Missing, Conflict, Invalid) as error:
                return _refused(work, capability, error)

        return translated

    return wrap


def _wherever_it_is(perform: Perform, work: Work) -> Outcome:
    """What the source host does not find under the repository's name may be at its new one. Raises IntegrationError."""
    try:
        return perform(work)
    except Missing as error:
        onboarding = Onboarding.objects.select_related("repository", "team", "plan").filter(pk=work.run.pk).first()
        if onboarding is None or error.provider != source().name:
            raise
        elsewhere = whereabouts.search(work, Subject(onboarding), error)
        if elsewhere is None:
            raise
        return elsewhere


def _refused(work: Work, capability: str, error: IntegrationError) -> Outcome:
    cause = providers.refusal(capability, error, work.run.pk)
    if cause is not None:
        return lifecycle.blocked(cause, detail=redact(error.detail))
    raise Failure(f"{redact(str(error))}. Onramp cannot continue without help", detail=redact(error.detail)) from error


def _later(work: Work, capability: str, error: Retry, answer: Transient | None = None) -> Outcome:
    """A long outage is no longer a pause but a blocker; a rate limit is a wait with a known end and never one."""
    since = work.step.failing_since
    if error.after is None and since and work.now() - since > timedelta(seconds=settings.ENV.portal_down_after_seconds):
        cause = providers.failing(answer, capability, work.run.pk) if answer is not None else None
        cause = cause or providers.down(capability, error.message, providers.organisation_of(work.run.pk))
        return lifecycle.blocked(cause, detail=error.detail)
    raise Retry(error.message, after=error.after, detail=error.detail, endless=True) from error


def ensure(
    work: Work,
    provider: str,
    kind: str,
    name: str,
    *,
    create: Callable[[], Made],
    find: Callable[[], Made | None] | None = None,
    visible_after: timedelta | None = None,
    find_first: bool = True,
) -> Made:
    """`Work.ensure` for a change at this provider: all requests of `create` go in one turn of the provider's queue, and
    their errors are translated. Raises Queued where others are ahead."""
    return work.ensure(
        kind,
        name,
        create=as_effect(create),
        find=find,
        visible_after=visible_after,
        find_first=find_first,
        turn=lambda: http.turn(limited_as(provider), work.step),
    )


def as_effect(call: Callable[[], Made]) -> Callable[[], Made]:
    """A call with an effect: where its answer was lost, the engine looks for the effect before it tries again; where it was
    refused, it need not."""

    def create() -> Made:
        try:
            with http.deadline(effects.fence_time() + http.TIMEOUT):
                return call()
        except IntegrationError as error:
            if isinstance(error, Transient) and error.ambiguous:
                raise Ambiguous(redact(str(error))) from error
            if error.refused:
                raise NotDone(error) from error
            raise

    return create
