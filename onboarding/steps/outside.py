"""Where a provider's error becomes the engine's: try again, a typed cause, or a failure that shows itself."""

import functools
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings

from integrations import http
from integrations.errors import Conflict, Denied, InLine, IntegrationError, Invalid, Missing, Transient
from integrations.secrets import redact
from onboarding import blocking, causes_outside
from onboarding.engine import effects
from onboarding.engine.effects import Made
from onboarding.engine.outcomes import Ambiguous, Failure, NotDone, Outcome, Retry, Wait
from onboarding.engine.work import Work

Perform = Callable[[Work], Outcome]


def meets(capability: str) -> Callable[[Perform], Perform]:
    """The step works with this capability's provider; its errors are translated here and nowhere else."""

    def wrap(perform: Perform) -> Perform:
        @functools.wraps(perform)
        def performed(work: Work) -> Outcome:
            try:
                return perform(work)
            except InLine as error:
                return Wait(f"Waiting for its turn. {error}.", error.retry_after)
            except Transient as error:
                return _later(
                    work, capability, Retry(redact(str(error)), after=error.retry_after, detail=redact(error.detail))
                )
            except Retry as error:
                return _later(work, capability, error)
            except Denied as error:
                if error.credentials:
                    return blocking.blocked(causes_outside.credentials(capability, error))
                return _refused(work, capability, error)
            except (Missing, Conflict, Invalid) as error:
                return _refused(work, capability, error)

        return performed

    return wrap


def _refused(work: Work, capability: str, error: IntegrationError) -> Outcome:
    cause = causes_outside.refusal(capability, error, work.run.pk)
    if cause is not None:
        return blocking.blocked(cause, detail=redact(error.detail))
    raise Failure(
        f"{redact(str(error))}. Onramp cannot go on with that by itself", detail=redact(error.detail)
    ) from error


def _later(work: Work, capability: str, error: Retry) -> Outcome:
    """Down for long is no longer a pause but a cause; a rate limit is a wait with a known end and never one."""
    since = work.step.failing_since
    if error.after is None and since and work.now() - since > timedelta(seconds=settings.ENV.portal_down_after_seconds):
        return blocking.blocked(causes_outside.down(capability, error.says), detail=error.detail)
    raise Retry(error.says, after=error.after, detail=error.detail, endless=True) from error


def changing(call: Callable[[], Made]) -> Callable[[], Made]:
    """A call with an effect: where its answer was lost, the engine looks before it tries again; where it was refused, not."""

    def made() -> Made:
        try:
            with http.until(effects.fenced_at() + http.TIMEOUT):
                return call()
        except IntegrationError as error:
            if isinstance(error, Transient) and error.ambiguous:
                raise Ambiguous(redact(str(error))) from error
            if error.refused:
                raise NotDone(error) from error
            raise

    return made
