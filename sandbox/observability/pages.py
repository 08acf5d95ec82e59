"""The log viewer, which Onramp links to, and the door by which a person or a test hands in a sample."""

import json
import time

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from sandbox.observability import search
from sandbox.observability.intake import record_sample, stream_of
from sandbox.observability.models import Document

SHOWN = 300


@csrf_exempt
@require_POST
def samples(request: HttpRequest) -> HttpResponse:
    """`{"name": …, "labels": {…}, "value": 1, "ago": seconds}`, as if it had been scraped."""
    try:
        said = json.loads(request.body)
        labels = {str(name): str(value) for name, value in said["labels"].items()}
        record_sample(str(said["name"]), labels, float(said["value"]), time.time() - float(said.get("ago", 0)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return JsonResponse({"error": f"not a sample: {error!r}"}, status=400)
    return HttpResponse(status=201)


@require_safe
def logs(request: HttpRequest) -> HttpResponse:
    """`/elasticsearch/ui/?namespace=&application=&q=`: the newest lines, oldest of them first."""
    asked = {name: request.GET.get(name, "") for name in ("namespace", "application", "q")}
    filters = []
    if asked["application"]:
        filters.append({"term": {"kubernetes.labels.app_kubernetes_io/name": asked["application"]}})
    if asked["q"]:
        filters.append({"match_phrase": {"message": asked["q"]}})
    stream = stream_of(asked["namespace"] or "*")
    found = search.find(stream, {"bool": {"filter": filters}})[:SHOWN]
    names = Document.objects.order_by("index").values_list("index", flat=True).distinct()
    shown = {
        **asked,
        "lines": [_line(one) for one in reversed(found)],
        "namespaces": [one.removeprefix(stream_of("")) for one in names],
    }
    return render(request, "observability/logs.html", shown)


def _line(one: Document) -> dict[str, object]:
    pod = "".join(search.values(one.source, "kubernetes.pod.name"))
    return {"at": one.at, "pod": pod, "message": one.source.get("message", "")}
