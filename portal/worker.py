"""What a worker does when it starts. Celery imports this once the apps are loaded."""

from typing import Any

from celery.signals import celeryd_after_setup, worker_init, worker_process_init, worker_ready
from django.core.exceptions import ImproperlyConfigured

from engine import execution, sweeper
from integrations import throttle
from portal import preload, production, tracing


@worker_init.connect  # type: ignore[untyped-decorator]
def prepare(**_: object) -> None:
    """Celery only logs what a receiver raises, except for SystemExit."""
    try:
        production.refuse()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
    preload.load()  # before the processes are forked


@celeryd_after_setup.connect  # type: ignore[untyped-decorator]
def serve(instance: Any, **_: object) -> None:
    """Before the processes are forked."""
    execution.serve(instance.app.amqp.queues.consume_from)


@worker_ready.connect  # type: ignore[untyped-decorator]
def sweep(**_: object) -> None:
    """Every worker sweeps: no beat has to run, and one living worker is enough."""
    sweeper.start()


@worker_process_init.connect  # type: ignore[untyped-decorator]
def connect(**_: object) -> None:
    """Every process respects the providers' limits, and is traced where an exporter is configured."""
    throttle.connect()
    tracing.connect("onramp-worker")
