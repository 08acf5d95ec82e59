"""Celery's app with leases, time-outs and `visible_after` that a round can afford, in the order of the real ones.

For `celery -A tests.chaos.worker`; everything else is the product's worker.
"""

from datetime import timedelta

from celery.signals import celeryd_after_setup

from portal.celery import app

__all__ = ["app"]

LEASE = timedelta(seconds=3)
TIMEOUT = 2.5
VISIBLE_AFTER = timedelta(seconds=6)
"""Longer than a call, by the time that a busy sandbox may need for a request whose client has already hung up."""


@celeryd_after_setup.connect  # type: ignore[untyped-decorator]
def _shorten_times(**_: object) -> None:
    """Before the worker forks its processes."""
    from engine import effects, execution, lease  # noqa: PLC0415
    from integrations import http, throttle  # noqa: PLC0415

    lease.LEASE, http.TIMEOUT, effects.VISIBLE_AFTER = LEASE, TIMEOUT, VISIBLE_AFTER
    throttle.MAX_PAUSE, execution.MAX_PAUSE = 4.0, 4.0
