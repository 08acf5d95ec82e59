"""Celery's app for `bench.durable.carried`: a job that does nothing, and runs whose steps do nothing in two lanes by turns."""

from celery.signals import celeryd_after_setup

from portal.celery import app

__all__ = ["app"]

KIND = "bench"
LANES = ("bench-one", "bench-two")
PLAIN = "bench-plain"
STEPS = 6


@app.task(name="bench.nothing", queue=PLAIN)  # type: ignore[untyped-decorator]
def nothing() -> None:
    """What a task costs that does nothing."""


def register() -> None:
    """Every step lies in another lane than the one before, so that each has to be rung for."""
    from onboarding.engine import registry  # noqa: PLC0415 - the apps are loaded only now
    from onboarding.engine.outcomes import Done  # noqa: PLC0415
    from onboarding.engine.registry import StepKind  # noqa: PLC0415

    kinds = []
    for number in range(STEPS):
        need = (f"step-{number - 1}",) if number else ()
        kinds.append(StepKind(f"step-{number}", "A step", LANES[number % 2], need, lambda _: Done("done")))
    registry.register(KIND, kinds)


@celeryd_after_setup.connect  # type: ignore[untyped-decorator]
def _register(**_: object) -> None:
    register()
