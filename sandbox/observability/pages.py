"""The log viewer, which Onramp links to, and an endpoint through which a person or a test adds a sample."""

import json
import time

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from sandbox.observability import search
from sandbox.observability.ingestion import data_stream, record_sample
from sandbox.observability.models import Document

MAX_LINES = 300


@csrf_exempt
@require_POST
def samples(request: HttpRequest) -> HttpResponse:
    """Store `{"name": …, "labels": {…}, "value": 1, "ago": seconds}` as if it had been scraped."""
    try:
        sample = json.loads(request.body)
        labels = {str(name): str(value) for name, value in sample["labels"].items()}
        record_sample(str(sample["name"]), labels, float(sample["value"]), time.time() - float(sample.get("ago", 0)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return JsonResponse({"error": f"not a sample: {error!r}"}, status=400)
    return HttpResponse(status=201)


@require_safe
def logs(request: HttpRequest) -> HttpResponse:
    """`/elasticsearch/ui/?namespace=&application=&q=`: the newest lines in the order they were written."""
    parameters = {name: request.GET.get(name, "") for name in ("namespace", "application", "q")}
    filters = []
    if parameters["application"]:
        filters.append({"term": {"kubernetes.labels.app_kubernetes_io/name": parameters["application"]}})
    if parameters["q"]:
        filters.append({"match_phrase": {"message": parameters["q"]}})
    stream = data_stream(parameters["namespace"] or "*")
    newest = search.find(stream, {"bool": {"filter": filters}})[:MAX_LINES]
    indices = Document.objects.order_by("index").values_list("index", flat=True).distinct()
    context = {
        **parameters,
        "lines": [_line(document) for document in reversed(newest)],
        "namespaces": [index.removeprefix(data_stream("")) for index in indices],
    }
    return render(request, "observability/logs.html", context)


def _line(document: Document) -> dict[str, object]:
    pod = "".join(search.values(document.source, "kubernetes.pod.name"))
    return {"at": document.at, "pod": pod, "message": document.source.get("message", "")}
