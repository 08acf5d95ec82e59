"""The Celery task that handles a delivery and all others that wait."""

from celery import shared_task

from events import intake


@shared_task(name=intake.TASK, expires=60, queue=intake.QUEUE)  # type: ignore[untyped-decorator]
def handle(row_id: int) -> None:
    intake.catch_up(row_id)
