"""Prometheus' HTTP API. https://prometheus.io/docs/prometheus/latest/querying/api/"""

import time
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from sandbox.observability.models import Target
from sandbox.observability.promql import ParseError, Point, evaluate


@csrf_exempt
@require_http_methods(["GET", "POST"])
def query(request: HttpRequest) -> HttpResponse:
    """An instant query, with its parameters in the URL or in a form."""
    parameters = {**request.GET.dict(), **request.POST.dict()}
    try:
        return JsonResponse({"status": "success", "data": _result(parameters)})
    except ValueError as error:
        body = {"status": "error", "errorType": "bad_data", "error": f'invalid parameter "query": {error}'}
        return JsonResponse(body, status=400)


@require_safe
def label_values(request: HttpRequest, name: str) -> HttpResponse:
    """The values of a label, sorted; empty for one that no series has."""
    points = evaluate(f'{{{name}=~".+"}}', time.time())
    values = sorted(
        {point.labels[name] for point in points if name in point.labels} if isinstance(points, list) else ()
    )
    limit = int(request.GET.get("limit", "0") or 0)
    return JsonResponse({"status": "success", "data": values[:limit] if limit else values})


def _result(parameters: dict[str, Any]) -> dict[str, Any]:
    at = float(parameters.get("time", time.time()))
    result = evaluate(parameters.get("query", ""), at)
    if isinstance(result, float):
        return {"resultType": "scalar", "result": [at, _number(result)]}
    vector = [{"metric": point.labels, "value": [at, _number(point.value)]} for point in result]
    return {"resultType": "vector", "result": vector}


def _number(value: float) -> str:
    special = {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}
    text = repr(float(value)).removesuffix(".0")
    return special.get(text, text)


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Prometheus Server is Ready.\n", content_type="text/plain")


@require_safe
def graph(request: HttpRequest) -> HttpResponse:
    """The query page, at the same path as Prometheus' own, with the last scrape of every pod."""
    expression = request.GET.get("g0.expr", "")
    result: list[Point] | float = []
    error = ""
    try:
        result = evaluate(expression, time.time()) if expression else []
    except ParseError as problem:
        error = str(problem)
    rows = [("", result)] if isinstance(result, float) else [(_notation(point.labels), point.value) for point in result]
    context = {"expression": expression, "rows": rows, "error": error, "targets": Target.objects.order_by("url")}
    return render(request, "observability/graph.html", context)


def _notation(labels: dict[str, str]) -> str:
    """A series in PromQL's notation: `name{label="value"}`."""
    inside = ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items()) if name != "__name__")
    return f"{labels.get('__name__', '')}{{{inside}}}"
