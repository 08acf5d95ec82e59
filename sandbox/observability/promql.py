"""The part of PromQL that asking for an application's samples takes: a number, a selector, and `sum` or `count` of one.

The rest is refused with a parse error. https://prometheus.io/docs/prometheus/latest/querying/basics/
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
    """What Prometheus answers as `bad_data`."""


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
        same = re.fullmatch(self.value, value) is not None if "~" in self.operator else value == self.value
        return same is (self.operator in ("=", "=~"))


def evaluate(text: str, at: float) -> list[Point] | float:
    """The query at a moment (seconds since 1970). Raises ParseError."""
    text = text.strip()
    if not text:
        raise ParseError("unknown position: parse error: no expression found in input")
    if NUMBER.fullmatch(text):
        return float(text)
    found = AGGREGATE.fullmatch(text)
    if found is None:
        return _select(_matchers(text), at)
    by = re.findall(r"\w+", found["by"] or "")
    return _aggregate(found["name"], _select(_matchers(found["inside"].strip()), at), by)


def _matchers(text: str) -> list[Matcher]:
    found = SELECTOR.fullmatch(text)
    if found is None:
        raise ParseError(f'1:1: parse error: unexpected "{text}", the sandbox takes selectors and `sum` or `count`')
    matchers = [Matcher("__name__", "=", found["name"])] if found["name"] else []
    rest = (found["matchers"] or "").strip()
    while rest:
        one = MATCHER.match(rest)
        if one is None:
            raise ParseError(f'1:1: parse error: unexpected "{rest}" in label matching')
        matchers.append(_matcher(**one.groupdict()))
        rest = rest[one.end() :].strip()
    if not any(one.value for one in matchers):
        raise ParseError("1:1: parse error: vector selector must contain at least one non-empty matcher")
    return matchers


def _matcher(label: str, operator: str, value: str) -> Matcher:
    meant = re.sub(r"\\(.)", r"\1", value)
    try:
        re.compile(meant if "~" in operator else "")
    except re.error as error:
        raise ParseError(f"1:1: parse error: error parsing regexp: {error}") from error
    return Matcher(label, operator, meant)


def _select(matchers: list[Matcher], at: float) -> list[Point]:
    """The newest sample of every series that all matchers accept."""
    found = {one.pk: {"__name__": one.name, **one.labels} for one in Series.objects.all()}
    wanted = {pk: labels for pk, labels in found.items() if all(one.matches(labels) for one in matchers)}
    rows = Sample.objects.filter(series__in=wanted, at__gt=at - LOOKBACK, at__lte=at).order_by("at")
    newest = dict(rows.values_list("series_id", "value"))
    return [Point(labels, newest[pk]) for pk, labels in wanted.items() if pk in newest]


def _aggregate(name: str, vector: list[Point], by: list[str]) -> list[Point]:
    groups: dict[tuple[tuple[str, str], ...], list[float]] = {}
    for one in vector:
        group = tuple((label, one.labels[label]) for label in by if label in one.labels)
        groups.setdefault(group, []).append(one.value)
    return [Point(dict(group), float(sum(held) if name == "sum" else len(held))) for group, held in groups.items()]
