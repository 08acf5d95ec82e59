"""Celery's app with leases and settling times that a round can wait for, in the same order as the real ones.

For `celery -A tests.chaos.worker`: whatever else the worker does is the product's.
"""

from datetime import timedelta

from celery.signals import celeryd_after_setup

from portal.celery import app

__all__ = ["app"]

LEASE = timedelta(seconds=3)
TIMEOUT = 2.5
SETTLE = timedelta(seconds=6)
"""Longer than a call by what a busy sandbox may take to do what it was asked by somebody who has hung up."""


@celeryd_after_setup.connect  # type: ignore[untyped-decorator]
def _impatient(**_: object) -> None:
    """Before the worker forks its processes."""
    from integrations import http  # noqa: PLC0415 - the apps are loaded only now
    from onboarding import lanes  # noqa: PLC0415
    from onboarding.engine import effects, hold, work  # noqa: PLC0415

    hold.LEASE, http.TIMEOUT, effects.SETTLE = LEASE, TIMEOUT, SETTLE
    lanes.LONGEST_BREAK, work.LONGEST_PAUSE = 4.0, 4.0
