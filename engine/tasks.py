"""The one file that knows Celery: draining the queue of one step, and sending notifications as tasks.

A task carries an id and nothing else; losing, repeating or delaying it changes nothing.
"""

from celery import current_app, shared_task

from engine import execution
from events import intake, notifier


@shared_task(name="engine.drain", expires=60)  # type: ignore[untyped-decorator]
def drain(step_id: int) -> None:
    execution.drain(step_id)


def send(queue: str, row_id: int) -> None:
    """Send (queue, id) to a worker as a task."""
    task = intake.TASK if queue == intake.QUEUE else "engine.drain"
    current_app.send_task(task, args=[row_id], queue=queue, expires=60)


def connect() -> None:
    """Let the notifier send through Celery."""
    notifier.set_transport(send)
