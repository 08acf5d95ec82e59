"""A pull request that is opened again, or merged after all, when its run has ended with it: the same plan continues as a new run.

Otherwise its applications would run without anybody's page.
"""

from engine.models import RunState
from events.log import record
from integrations.webhooks import WebhookEvent
from onboarding.actions import onboardings
from onboarding.models import Onboarding
from onboarding.plans.preflight import RequestRejected

REOPENED, CLOSED = "reopened", "closed"


def on_event(event: WebhookEvent) -> None:
    """In the transaction that handles the webhook, whose body decides nothing: the new run reads the pull request itself."""
    action, number = event.type.rpartition(".")[2], event.data.get("pull")
    if number is None or not (action == REOPENED or (action == CLOSED and event.data.get("merged"))):
        return
    newest = Onboarding.objects.filter(run__topic=event.topic).select_related("run", "plan__repository", "person")
    ended = newest.order_by("-run__created_at").first()
    if ended is None or ended.active or ended.run.state != RunState.DECLINED:
        return
    if not ended.run.steps.filter(name="pull_request", result__number=number).exists():
        return
    try:
        continued = onboardings.continue_plan(ended)
    except (onboardings.PlanMoved, RequestRejected) as error:
        record("onramp.onboarding.not_continued", f"run:{ended.pk}", reason=str(error))
        return
    if continued is not None:
        record("onramp.onboarding.continued", f"run:{continued.pk}", before=str(ended.pk), pull=number)
