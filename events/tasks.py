"""Carried by Celery: understanding a delivery, and all others that wait for it."""

from celery import shared_task

from events import intake


@shared_task(name="events.handle", expires=60, queue="events")  # type: ignore[untyped-decorator]
def handle(delivery_pk: int) -> None:
    intake.catch_up(delivery_pk)
