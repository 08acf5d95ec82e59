"""A PromQL tree evaluated over the kept samples."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.observability.models import Sample, Series
from sandbox.observability.promql import Aggregate, Expression, Matcher, Number, ParseError, Selector

LOOKBACK = 300.0
"""Seconds after which a series without a new sample is stale, as in Prometheus."""

AGGREGATE: dict[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "count": len,
    "min": min,
    "max": max,
    "avg": lambda values: sum(values) / len(values),
}


@dataclass(frozen=True)
class Point:
    """One element of a result vector."""

    labels: dict[str, str]
    value: float


def evaluate(expression: Expression, at: float) -> list[Point] | float:
    """The expression at a moment (seconds since 1970). Raises ParseError where types do not fit."""
    match expression:
        case Number(value):
            return value
        case Selector(matchers):
            return _select(matchers, at)
        case Aggregate(name, argument, by):
            vector = evaluate(argument, at)
            if isinstance(vector, float):
                raise ParseError("1:1: parse error: expected type instant vector, got scalar")
            return _aggregate(name, vector, by)


def _select(matchers: tuple[Matcher, ...], at: float) -> list[Point]:
    """The newest sample of every series that all matchers accept."""
    found = {one.pk: {"__name__": one.name, **one.labels} for one in Series.objects.all()}
    wanted = {pk: labels for pk, labels in found.items() if all(one.matches(labels) for one in matchers)}
    rows = Sample.objects.filter(series__in=wanted, at__gt=at - LOOKBACK, at__lte=at).order_by("at")
    newest = dict(rows.values_list("series_id", "value"))
    return [Point(labels, newest[pk]) for pk, labels in wanted.items() if pk in newest]


def _aggregate(name: str, vector: list[Point], by: tuple[str, ...]) -> list[Point]:
    groups: dict[tuple[tuple[str, str], ...], list[float]] = {}
    for one in vector:
        group = tuple((label, one.labels[label]) for label in by if label in one.labels)
        groups.setdefault(group, []).append(one.value)
    return [Point(dict(group), float(AGGREGATE[name](values))) for group, values in groups.items()]
