"""A pull request that is opened again, or merged after all, when its run has ended with it: the same plan continues as a new run.

Otherwise its applications would run without anybody's page.
"""

from engine import effects
from engine.models import Effect, EffectState, RunState, StepState
from events.log import record
from integrations.webhooks import WebhookEvent
from onboarding.actions import onboardings
from onboarding.models import EffectKind, Onboarding
from onboarding.plans.preflight import RequestRejected

PULL_REQUEST = "pull_request"
KINDS = (EffectKind.COMMIT, EffectKind.BRANCH, EffectKind.PULL_REQUEST)
"""What the new run has from the one that ended, so that it proposes nothing a second time."""
REOPENED, CLOSED = "reopened", "closed"
MOST_RUNS = 10
"""Of one plan: a person who can close and open a pull request can do so for ever."""


def on_event(event: WebhookEvent) -> None:
    """In the transaction that handles the webhook, whose body decides nothing: the new run reads the pull request itself."""
    action, number = event.type.rpartition(".")[2], event.data.get("pull")
    if number is None or not (action == REOPENED or (action == CLOSED and event.data.get("merged"))):
        return
    newest = Onboarding.objects.filter(run__topic=event.topic).select_related("run", "plan__repository", "person")
    ended = newest.order_by("-run__created_at").first()
    if ended is None or ended.active or ended.run.state != RunState.DECLINED:
        return
    if not ended.run.steps.filter(state=StepState.DECLINED, result__closed=number).exists():
        return  # somebody decided something else
    if Onboarding.objects.filter(plan=ended.plan_id).count() >= MOST_RUNS:
        return
    try:
        continued = onboardings.continue_plan(ended)
    except (onboardings.PlanMoved, RequestRejected) as error:
        record("onramp.onboarding.not_continued", f"run:{ended.pk}", reason=str(error))
        return
    if continued is not None:
        made = Effect.objects.filter(
            step__run=ended.pk, step__name=PULL_REQUEST, kind__in=KINDS, state=EffectState.MADE
        )
        effects.adopt(continued.run.steps.get(name=PULL_REQUEST), made)
        record("onramp.onboarding.continued", f"run:{continued.pk}", before=str(ended.pk), pull=number)
