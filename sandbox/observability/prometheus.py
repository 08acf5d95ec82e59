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
    """An instant query, its parameters in the address or in a form."""
    said = {**request.GET.dict(), **request.POST.dict()}
    try:
        return JsonResponse({"status": "success", "data": _answered(said)})
    except ValueError as error:
        failure = {"status": "error", "errorType": "bad_data", "error": f'invalid parameter "query": {error}'}
        return JsonResponse(failure, status=400)


def _answered(said: dict[str, Any]) -> dict[str, Any]:
    at = float(said.get("time", time.time()))
    result = evaluate(said.get("query", ""), at)
    if isinstance(result, float):
        return {"resultType": "scalar", "result": [at, _number(result)]}
    vector = [{"metric": one.labels, "value": [at, _number(one.value)]} for one in result]
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
    """The query page, at the address that Prometheus' own has, with how the last scrape of every pod went."""
    expression = request.GET.get("g0.expr", "")
    result: list[Point] | float = []
    error = ""
    try:
        result = evaluate(expression, time.time()) if expression else []
    except ParseError as problem:
        error = str(problem)
    rows = [("", result)] if isinstance(result, float) else [(_shown(one.labels), one.value) for one in result]
    shown = {"expression": expression, "rows": rows, "error": error, "targets": Target.objects.order_by("url")}
    return render(request, "observability/graph.html", shown)


def _shown(labels: dict[str, str]) -> str:
    inside = ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items()) if name != "__name__")
    return f"{labels.get('__name__', '')}{{{inside}}}"
