"""Carried by Celery: one turn of one step, and whatever of the same lane became ready meanwhile."""

from celery import current_app, shared_task

from events import bell
from onboarding.engine import work

EVENTS_LANE = "events"


@shared_task(name="onboarding.turn", expires=60)  # type: ignore[untyped-decorator]
def turn(step_id: int) -> None:
    work.carry(step_id)


def carry(lane: str, pk: int) -> None:
    """The message carries ids and nothing else."""
    if lane == EVENTS_LANE:
        current_app.send_task("events.handle", args=[pk], queue=lane, expires=60)
    else:
        current_app.send_task("onboarding.turn", args=[pk], queue=lane, expires=60)


def connect() -> None:
    """Hand Celery to the bell."""
    bell.carried_by(carry)
