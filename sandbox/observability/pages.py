"""The log viewer, at an address that Onramp links to: `/elasticsearch/ui/?namespace=&application=&q=`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sandbox.observability import search
from sandbox.observability.intake import stream_of
from sandbox.observability.models import Document

SHOWN = 300


@require_safe
def logs(request: HttpRequest) -> HttpResponse:
    namespace, application = request.GET.get("namespace", ""), request.GET.get("application", "")
    text = request.GET.get("q", "")
    filters = [
        {"term": {"kubernetes.labels.app_kubernetes_io/name": application}} if application else {"match_all": {}},
        {"query_string": {"query": text}} if text else {"match_all": {}},
    ]
    stream = stream_of(namespace) if namespace else "logs-*"
    found = search.find(stream, {"bool": {"filter": filters}})[:SHOWN]
    names = Document.objects.order_by("index").values_list("index", flat=True).distinct()
    shown = {
        "lines": [_line(one) for one in reversed(found)],
        "namespaces": [one.removeprefix(stream_of("")) for one in names],
        "namespace": namespace,
        "application": application,
        "text": text,
    }
    return render(request, "observability/logs.html", shown)


def _line(one: Document) -> dict[str, object]:
    pod = search.field(one, "kubernetes.pod.name")
    return {"at": one.at, "pod": pod[0] if pod else "", "message": one.source.get("message", "")}
