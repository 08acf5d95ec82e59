"""Prometheus' HTTP API. https://prometheus.io/docs/prometheus/latest/querying/api/"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from sandbox.observability import promql
from sandbox.observability.evaluate import Vector, evaluate, matching
from sandbox.observability.models import Target
from sandbox.observability.promql import ParseError, Selector

MOST_POINTS = 11_000
Answer = Callable[[HttpRequest], HttpResponse]


def api(view: Callable[[dict[str, list[str]]], Any]) -> Answer:
    """A resource of the API: parameters by query or form, `status` and `data` around the result."""

    @csrf_exempt
    @require_http_methods(["GET", "POST"])
    def handle(request: HttpRequest) -> HttpResponse:
        said = {name: list(map(str, values)) for name, values in [*request.GET.lists(), *request.POST.lists()]}
        try:
            return JsonResponse({"status": "success", "data": view(said)})
        except ParseError as error:
            failure = {"status": "error", "errorType": "bad_data", "error": f'invalid parameter "query": {error}'}
            return JsonResponse(failure, status=400)

    return handle


def _one(said: dict[str, list[str]], name: str, default: str | None = None) -> str:
    values = said.get(name) or ([default] if default is not None else [])
    if not values:
        raise ParseError(f"{name} is missing")
    return str(values[0])


def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise ParseError(f'cannot parse "{text}" to a valid timestamp') from error
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _duration(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return promql.seconds(text)


@api
def query(said: dict[str, list[str]]) -> dict[str, Any]:
    at = _moment(_one(said, "time", str(time.time())))
    expression = promql.parse(_one(said, "query"))
    result = evaluate(expression, at)
    if isinstance(result, float):
        return {"resultType": "scalar", "result": [at, _number(result)]}
    if isinstance(expression, Selector) and expression.seconds:
        series = [{"metric": one.labels, "values": [[t, _number(v)] for t, v in one.samples]} for one in result]
        return {"resultType": "matrix", "result": series}
    return {"resultType": "vector", "result": [{"metric": p.labels, "value": [at, _number(p.value)]} for p in result]}


def _number(value: float) -> str:
    special = {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}
    text = repr(float(value)).removesuffix(".0")
    return special.get(text, text)


@api
def query_range(said: dict[str, list[str]]) -> dict[str, Any]:
    start, end, step = _moment(_one(said, "start")), _moment(_one(said, "end")), _duration(_one(said, "step"))
    if step <= 0 or (end - start) / step > MOST_POINTS:
        raise ParseError("exceeded maximum resolution of 11,000 points per timeseries, or a step that is not positive")
    expression = promql.parse(_one(said, "query"))
    series: dict[tuple[tuple[str, str], ...], list[list[float | str]]] = {}
    for number in range(int((end - start) / step) + 1):
        at = start + number * step
        result = evaluate(expression, at)
        points = [({}, result)] if isinstance(result, float) else [(one.labels, one.value) for one in result]
        for labels, value in points:
            series.setdefault(tuple(sorted(labels.items())), []).append([at, _number(value)])
    return {"resultType": "matrix", "result": [{"metric": dict(key), "values": v} for key, v in series.items()]}


def _matched(said: dict[str, list[str]]) -> list[dict[str, str]]:
    """The label sets that any `match[]` accepts; all where none is given."""
    texts = said.get("match[]") or ['{__name__=~".+"}']
    found: dict[int, dict[str, str]] = {}
    for text in texts:
        selector = promql.parse(text)
        if not isinstance(selector, Selector):
            raise ParseError("1:1: parse error: expected a series selector")
        found |= {series.id: labels for series, labels in matching(selector.matchers)}
    return list(found.values())


@api
def series(said: dict[str, list[str]]) -> list[dict[str, str]]:
    if "match[]" not in said:
        raise ParseError("no match[] parameter provided")
    return _matched(said)


@api
def labels(said: dict[str, list[str]]) -> list[str]:
    return sorted({name for one in _matched(said) for name in one})


@require_safe
def label_values(request: HttpRequest, name: str) -> HttpResponse:
    return api(lambda said: sorted({one[name] for one in _matched(said) if name in one}))(request)


@api
def targets(said: dict[str, list[str]]) -> dict[str, Any]:
    active = [
        {
            "discoveredLabels": one.discovered,
            "labels": one.labels,
            "scrapePool": "kubernetes-pods",
            "scrapeUrl": one.url,
            "globalUrl": one.url,
            "lastError": one.error,
            "lastScrape": datetime.fromtimestamp(one.scraped_at, UTC).isoformat(),
            "lastScrapeDuration": one.seconds,
            "health": one.health,
            "scrapeInterval": "5s",
            "scrapeTimeout": "5s",
        }
        for one in Target.objects.order_by("url")
    ]
    return {"activeTargets": active, "droppedTargets": [], "droppedTargetCounts": {}}


@api
def build_info(said: dict[str, list[str]]) -> dict[str, str]:
    return {"version": "3.5.0", "revision": "sandbox", "branch": "HEAD", "goVersion": "none"}


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Prometheus Server is Ready.\n", content_type="text/plain")


@require_safe
def graph(request: HttpRequest) -> HttpResponse:
    """The query page, at the address that Prometheus' own has."""
    expression = request.GET.get("g0.expr", "")
    result: Vector | float | None = None
    error = ""
    try:
        result = evaluate(promql.parse(expression), time.time()) if expression else None
    except ParseError as problem:
        error = str(problem)
    rows = [("", result)] if isinstance(result, float) else [(_shown(one.labels), one.value) for one in result or []]
    shown = {"expression": expression, "rows": rows, "error": error, "targets": Target.objects.order_by("url")}
    return render(request, "observability/graph.html", shown)


def _shown(labels: dict[str, str]) -> str:
    inside = ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items()) if name != "__name__")
    return f"{labels.get('__name__', '')}{{{inside}}}"
