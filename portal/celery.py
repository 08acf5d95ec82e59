"""Celery: the carrier. Tasks find their queue by the step they carry; the sweep needs no beat."""

import os

from celery import Celery
from celery.signals import worker_process_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("onramp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect  # type: ignore[untyped-decorator]
def _sweep(**_: object) -> None:
    """Every worker sweeps: no beat has to run, and the last one alive is enough."""
    from onboarding import sweeping  # noqa: PLC0415 - the apps are loaded only now

    sweeping.start()


@worker_process_init.connect  # type: ignore[untyped-decorator]
def _connect(**_: object) -> None:
    """What providers ask for is obeyed by every process; what it does is traced, where somebody is named for that."""
    from onboarding import lanes  # noqa: PLC0415 - the apps are loaded only now
    from portal import tracing  # noqa: PLC0415 - it reads the settings

    lanes.connect()
    tracing.connect("onramp-worker")
