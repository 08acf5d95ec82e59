"""The part of PromQL that queries an application's samples: a number, a selector, and `sum` or `count` of a selector.

Any other query is a parse error. https://prometheus.io/docs/prometheus/latest/querying/basics/
"""

import re
from dataclasses import dataclass

from sandbox.observability.models import Sample, Series

LOOKBACK = 300.0
"""Seconds after which a series without a new sample is stale, as in Prometheus."""

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
AGGREGATE = re.compile(r"(?P<name>sum|count)\s*(?:by\s*\((?P<by>[\w\s,]*)\)\s*)?\((?P<inside>.*)\)", re.DOTALL)
SELECTOR = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)?\s*(?:\{(?P<matchers>.*)\})?", re.DOTALL)
MATCHER = re.compile(r'\s*(?P<label>\w+)\s*(?P<operator>=~|!~|!=|=)\s*"(?P<value>(?:[^"\\]|\\.)*)"\s*(?:,|$)')


class ParseError(ValueError):
    """The query cannot be parsed. Prometheus answers `bad_data`."""


@dataclass(frozen=True)
class Point:
    """One element of a result vector."""

    labels: dict[str, str]
    value: float


@dataclass(frozen=True)
class Matcher:
    label: str
    operator: str
    value: str

    def matches(self, labels: dict[str, str]) -> bool:
        value = labels.get(self.label, "")
        equal = re.fullmatch(self.value, value) is not None if "~" in self.operator else value == self.value
        return equal is (self.operator in ("=", "=~"))


def evaluate(query: str, at: float) -> list[Point] | float:
    """The result of the query at a time in seconds since 1970. Raises ParseError."""
    query = query.strip()
    if not query:
        raise ParseError("unknown position: parse error: no expression found in input")
    if NUMBER.fullmatch(query):
        return float(query)
    aggregate = AGGREGATE.fullmatch(query)
    if aggregate is None:
        return _select(_matchers(query), at)
    by = re.findall(r"\w+", aggregate["by"] or "")
    return _aggregate(aggregate["name"], _select(_matchers(aggregate["inside"].strip()), at), by)


def _matchers(text: str) -> list[Matcher]:
    selector = SELECTOR.fullmatch(text)
    if selector is None:
        raise ParseError(
            f'1:1: parse error: unexpected "{text}", the sandbox supports selectors and `sum` or `count` of one'
        )
    matchers = [Matcher("__name__", "=", selector["name"])] if selector["name"] else []
    rest = (selector["matchers"] or "").strip()
    while rest:
        match = MATCHER.match(rest)
        if match is None:
            raise ParseError(f'1:1: parse error: unexpected "{rest}" in label matching')
        matchers.append(_matcher(**match.groupdict()))
        rest = rest[match.end() :].strip()
    if not any(matcher.value for matcher in matchers):
        raise ParseError("1:1: parse error: vector selector must contain at least one non-empty matcher")
    return matchers


def _matcher(label: str, operator: str, value: str) -> Matcher:
    unescaped = re.sub(r"\\(.)", r"\1", value)
    try:
        re.compile(unescaped if "~" in operator else "")
    except re.error as error:
        raise ParseError(f"1:1: parse error: error parsing regexp: {error}") from error
    return Matcher(label, operator, unescaped)


def _select(matchers: list[Matcher], at: float) -> list[Point]:
    """The newest sample of every series that all matchers accept."""
    series = {row.pk: {"__name__": row.name, **row.labels} for row in Series.objects.all()}
    selected = {pk: labels for pk, labels in series.items() if all(matcher.matches(labels) for matcher in matchers)}
    samples = Sample.objects.filter(series__in=selected, at__gt=at - LOOKBACK, at__lte=at).order_by("at")
    newest = dict(samples.values_list("series_id", "value"))
    return [Point(labels, newest[pk]) for pk, labels in selected.items() if pk in newest]


def _aggregate(name: str, vector: list[Point], by: list[str]) -> list[Point]:
    groups: dict[tuple[tuple[str, str], ...], list[float]] = {}
    for point in vector:
        group = tuple((label, point.labels[label]) for label in by if label in point.labels)
        groups.setdefault(group, []).append(point.value)
    return [
        Point(dict(group), float(sum(values) if name == "sum" else len(values))) for group, values in groups.items()
    ]
