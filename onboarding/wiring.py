"""What is registered with the engine and the event bus when a process starts."""

from engine import registry, tasks, waking
from events import intake, log, notifier
from integrations import turns
from integrations.webhooks import WebhookEvent
from onboarding import checks
from onboarding.actions import reopening
from onboarding.models import RunKind
from onboarding.reactions import attribution, ending, messages, watch
from onboarding.steps import golden_path


def connect() -> None:
    golden_path.register_all()
    registry.set_notifier(notifier.notify)
    for listener in (ending.on_onboarding_change, messages.on_change, watch.on_change):
        registry.on_turn(RunKind.ONBOARDING, listener)
    registry.on_change(RunKind.UNDO, ending.on_undo_change)
    intake.on_event(reopening.on_event)  # first: it locks the repository, and after that come runs and steps
    intake.on_event(wake)
    turns.set_caller(waking.wake_step)
    log.set_organisations(attribution.organisations_of)
    tasks.connect()
    checks.register_all()


def wake(event: WebhookEvent) -> None:
    """Whatever waits for the topic checks for itself: the webhook's body decides nothing."""
    waking.wake_topic(event.topic)
