"""How long things usually take, from our own history: a range, never a false exact number."""

import math
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, FloatField, QuerySet
from django.db.models.expressions import Combinable

from engine.models import Run, RunState, Step, StepState
from onboarding.models import Blocker, BlockerState, RunKind

MAX_RUNS = 50
"""The latest runs, or blockers, that count as history."""
MIN_COUNT = 3
"""With fewer than this there is no “usually”."""


class Percentile(Aggregate):
    """PostgreSQL's `percentile_cont(fraction) WITHIN GROUP (ORDER BY expression)`."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"

    def __init__(self, expression: Combinable, fraction: float) -> None:
        super().__init__(expression, fraction=FloatField().get_prep_value(fraction), output_field=DurationField())


@dataclass(frozen=True)
class Range:
    """Four of five took between `low` and `high`, rounded outwards."""

    low: timedelta
    high: timedelta

    @classmethod
    def around(cls, low: timedelta, high: timedelta) -> "Range":
        step = 60 if high > timedelta(minutes=2) else 10
        return cls(
            timedelta(seconds=math.floor(low.total_seconds() / step) * step),
            timedelta(seconds=max(1, math.ceil(high.total_seconds() / step)) * step),
        )

    def __str__(self) -> str:
        low, high = self.low.total_seconds(), self.high.total_seconds()
        unit, name = (3600.0, "hours") if low >= 7200 else (60.0, "minutes") if high > 120 else (1.0, "seconds")
        first, last = math.floor(low / unit), math.ceil(high / unit)
        if first < 1:
            return f"under {last} {name}"
        return f"{first} to {last} {name}" if first < last else f"about {last} {name}"


def whole_run(kind: str = RunKind.ONBOARDING) -> Range | None:
    """From start to finish, waits for people included, over the latest finished runs."""
    latest = Run.objects.filter(kind=kind, state=RunState.DONE).order_by("-ended_at").values("pk")[:MAX_RUNS]
    return _range(Run.objects.filter(pk__in=latest), F("ended_at") - F("created_at"))


def each_step(kind: str = RunKind.ONBOARDING) -> dict[str, Range]:
    """Step name → the range, for steps with enough history."""
    latest = Run.objects.filter(kind=kind, state=RunState.DONE).order_by("-ended_at").values("pk")[:MAX_RUNS]
    took = ExpressionWrapper(F("ended_at") - F("began_at"), output_field=DurationField())
    rows = (
        Step.objects.filter(run__in=latest, state=StepState.DONE, began_at__isnull=False)
        .order_by()
        .values("name")
        .annotate(count=Count("pk"), low=Percentile(took, 0.1), high=Percentile(took, 0.9))
        .filter(count__gte=MIN_COUNT)
    )
    return {row["name"]: Range.around(row["low"], row["high"]) for row in rows}


def to_clear(kind: str) -> Range | None:
    """How long the latest blockers of this kind were open; of any kind where this one is new."""
    cleared = Blocker.objects.filter(state=BlockerState.CLEARED).order_by("-closed_at")
    took = F("closed_at") - F("opened_at")
    return _range(_latest(cleared.filter(kind=kind)), took) or _range(_latest(cleared), took)


def _latest(rows: QuerySet[Blocker]) -> QuerySet[Blocker]:
    return Blocker.objects.filter(pk__in=rows.values("pk")[:MAX_RUNS])


def _range(rows: QuerySet[Run] | QuerySet[Blocker], took: Combinable) -> Range | None:
    expression = ExpressionWrapper(took, output_field=DurationField())
    history = rows.order_by().aggregate(
        count=Count("pk"), low=Percentile(expression, 0.1), high=Percentile(expression, 0.9)
    )
    return Range.around(history["low"], history["high"]) if history["count"] >= MIN_COUNT else None
