"""Celery's app for `bench.durable.latency`: a task that does nothing, and runs whose steps alternate between two queues."""

from celery.signals import celeryd_after_setup

from portal.celery import app

__all__ = ["app"]

KIND = "bench"
QUEUES = ("bench-1", "bench-2")
PLAIN_QUEUE = "bench-plain"
STEPS = 6


@app.task(name="bench.nothing", queue=PLAIN_QUEUE)  # type: ignore[untyped-decorator]
def nothing() -> None:
    """The cost of a task that does nothing."""


def register() -> None:
    """Every step is in another queue than the one before, so each needs a notification of its own."""
    from engine import registry  # noqa: PLC0415 - the apps are loaded only now
    from engine.outcomes import Done  # noqa: PLC0415
    from engine.registry import StepKind  # noqa: PLC0415

    kinds = []
    for number in range(STEPS):
        need = (f"step-{number - 1}",) if number else ()
        kinds.append(StepKind(f"step-{number}", "A step", QUEUES[number % 2], need, lambda _: Done("done")))
    registry.register(KIND, kinds)


@celeryd_after_setup.connect  # type: ignore[untyped-decorator]
def _register(**_: object) -> None:
    register()
