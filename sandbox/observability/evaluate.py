"""A PromQL tree evaluated over the kept samples."""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from sandbox.observability.models import Sample, Series
from sandbox.observability.promql import Aggregate, Binary, Call, Expression, Matcher, Number, ParseError, Selector

LOOKBACK = 300.0
"""Seconds after which a series without a new sample is stale, as in Prometheus."""

Labels = dict[str, str]
ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if b else math.inf * a if a else math.nan,
}
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
AGGREGATE: dict[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "count": len,
    "min": min,
    "max": max,
    "avg": lambda values: sum(values) / len(values),
}


@dataclass(frozen=True)
class Point:
    """One element of a result vector; `samples` are those of a range, as (time, value)."""

    labels: Labels
    value: float
    samples: list[tuple[float, float]] = field(default_factory=list)


Vector = list[Point]


def evaluate(expression: Expression, at: float) -> Vector | float:
    """The expression at a moment (seconds since 1970). Raises ParseError where types do not fit."""
    match expression:
        case Number(value):
            return value
        case Selector():
            return select(expression, at)
        case Call("time", None):
            return at
        case Call(function, argument):
            assert argument is not None
            return _call(function, _vector(argument, at), at)
        case Aggregate(name, argument, by):
            return _aggregate(name, _vector(argument, at), by)
        case Binary():
            return _binary(expression, at)


def _vector(expression: Expression, at: float) -> Vector:
    result = evaluate(expression, at)
    if isinstance(result, float):
        raise ParseError("1:1: parse error: expected type instant vector, got scalar")
    return result


def matching(matchers: tuple[Matcher, ...]) -> list[tuple[Series, Labels]]:
    """The series that all matchers accept, with their labels and `__name__`."""
    series = Series.objects.all()
    names = [one.value for one in matchers if one.label == "__name__" and one.operator == "="]
    if names:
        series = series.filter(name__in=names)
    described = [(one, {"__name__": one.name, **one.labels}) for one in series]
    return [(one, labels) for one, labels in described if all(each.matches(labels) for each in matchers)]


def select(selector: Selector, at: float) -> Vector:
    found = matching(selector.matchers)
    since = at - (selector.seconds or LOOKBACK)
    kept: dict[int, list[tuple[float, float]]] = {}
    rows = Sample.objects.filter(series__in=[one.id for one, _ in found], at__gt=since, at__lte=at).order_by("at")
    for series_id, moment, value in rows.values_list("series_id", "at", "value"):
        kept.setdefault(series_id, []).append((moment, value))
    return [
        Point(labels, kept[one.id][-1][1], kept[one.id] if selector.seconds else kept[one.id][-1:])
        for one, labels in found
        if one.id in kept
    ]


def _call(function: str, vector: Vector, at: float) -> Vector:
    if function == "absent":
        return [] if vector else [Point({}, 1.0)]
    if function == "timestamp":
        return [Point(_nameless(one.labels), one.samples[-1][0] if one.samples else at) for one in vector]
    results = [(one.labels, _over_time(function, one.samples)) for one in vector]
    keep = function == "last_over_time"
    return [Point(labels if keep else _nameless(labels), value) for labels, value in results if value is not None]


def _over_time(function: str, samples: list[tuple[float, float]]) -> float | None:
    values = [value for _, value in samples]
    if function in ("rate", "increase"):
        return _growth(samples, per_second=function == "rate")
    reducers: dict[str, Callable[[list[float]], float]] = {
        "count_over_time": len,
        "max_over_time": max,
        "min_over_time": min,
        "sum_over_time": sum,
        "last_over_time": lambda every: every[-1],
    }
    return float(reducers[function](values))


def _growth(samples: list[tuple[float, float]], *, per_second: bool) -> float | None:
    """How much a counter grew over its samples; a fall is a restart. None where there are fewer than two."""
    if len(samples) < 2:
        return None
    grown = sum(after - before if after >= before else after for (_, before), (_, after) in pairwise(samples))
    length = samples[-1][0] - samples[0][0]
    return grown / length if per_second and length else grown


def _nameless(labels: Labels) -> Labels:
    return {name: value for name, value in labels.items() if name != "__name__"}


def _aggregate(name: str, vector: Vector, by: tuple[str, ...]) -> Vector:
    groups: dict[tuple[tuple[str, str], ...], list[float]] = {}
    for one in vector:
        group = tuple((label, one.labels[label]) for label in by if label in one.labels)
        groups.setdefault(group, []).append(one.value)
    return [Point(dict(group), float(AGGREGATE[name](values))) for group, values in groups.items()]


def _binary(expression: Binary, at: float) -> Vector | float:
    left, right = evaluate(expression.left, at), evaluate(expression.right, at)
    if expression.operator == "or":
        return _union(left, right)
    if isinstance(left, float) and isinstance(right, float):
        return _scalar(expression, left, right)
    if isinstance(left, float):
        raise ParseError("1:1: parse error: a number stands on the right side here")
    if isinstance(right, float):
        return _against(expression, [(one, right) for one in left])
    others = {_key(one): one.value for one in right}
    return _against(expression, [(one, others[_key(one)]) for one in left if _key(one) in others])


def _key(one: Point) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(_nameless(one.labels).items()))


def _union(left: Vector | float, right: Vector | float) -> Vector:
    if isinstance(left, float) or isinstance(right, float):
        raise ParseError('1:1: parse error: set operator "or" not allowed in binary scalar expression')
    known = {_key(one) for one in left}
    return [*left, *(one for one in right if _key(one) not in known)]


def _scalar(expression: Binary, left: float, right: float) -> float:
    if expression.operator in ARITHMETIC:
        return ARITHMETIC[expression.operator](left, right)
    if not expression.as_bool:
        raise ParseError("1:1: parse error: comparisons between scalars must use BOOL modifier")
    return float(COMPARE[expression.operator](left, right))


def _against(expression: Binary, pairs: list[tuple[Point, float]]) -> Vector:
    if expression.operator in ARITHMETIC:
        calculate = ARITHMETIC[expression.operator]
        return [Point(_nameless(one.labels), calculate(one.value, other)) for one, other in pairs]
    holds = COMPARE[expression.operator]
    if expression.as_bool:
        return [Point(_nameless(one.labels), float(holds(one.value, other))) for one, other in pairs]
    return [one for one, other in pairs if holds(one.value, other)]
