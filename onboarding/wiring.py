"""What is handed to the engine when the process starts."""

from events import bell, intake
from integrations.webhooks import Heard
from onboarding import actions, ending, messages, observing, tasks
from onboarding.engine import registry, waking
from onboarding.steps import golden_path


def connect() -> None:
    golden_path.register_all()
    registry.hang(bell.ring)
    for listener in (ending.on_change, messages.on_change, observing.on_change):
        registry.on_change(actions.RUN_KIND, listener)
    registry.on_change(actions.UNDO_KIND, ending.on_undo)
    intake.listen(wake)
    tasks.connect()


def wake(heard: Heard) -> None:
    """Whatever waits for the topic looks for itself: the webhook's body decides nothing."""
    waking.heard(heard.topic)
