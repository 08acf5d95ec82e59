"""Elasticsearch's index templates and data streams."""

from fnmatch import fnmatchcase
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from sandbox.observability import search
from sandbox.observability.elastic_access import body, failure
from sandbox.observability.models import Document, IndexTemplate


def template(request: HttpRequest, name: str) -> HttpResponse:
    pattern = IndexTemplate.objects.filter(name__regex="^" + name.replace("*", ".*") + "$").order_by("name")
    found = [{"name": one.name, "index_template": one.body} for one in pattern]
    if not found and "*" not in name:
        return failure(404, "resource_not_found_exception", f"index template matching [{name}] not found")
    return JsonResponse({"index_templates": found})


def template_there(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(status=200 if IndexTemplate.objects.filter(name=name).exists() else 404)


def template_put(request: HttpRequest, name: str) -> HttpResponse:
    said = body(request)
    unknown = set(said) - {"index_patterns", "template", "composed_of", "priority", "version", "_meta", "data_stream"}
    if unknown:
        raise ValueError(f"[index_template] unknown field [{sorted(unknown)[0]}]")
    if not said.get("index_patterns"):
        return failure(400, "illegal_argument_exception", "index template must have index patterns")
    clash = _same_priority(name, said)
    if clash:
        reason = f"index template [{name}] has the patterns and the priority of existing templates [{clash}]"
        return failure(400, "illegal_argument_exception", reason)
    IndexTemplate.objects.update_or_create(name=name, defaults={"body": {"composed_of": [], **said}})
    return JsonResponse({"acknowledged": True})


def _same_priority(name: str, body: dict[str, Any]) -> str:
    """Two templates of one priority may not share a pattern; only the very same pattern is seen here."""
    for one in IndexTemplate.objects.exclude(name=name):
        shared = set(one.body["index_patterns"]) & set(body["index_patterns"])
        if shared and one.body.get("priority", 0) == body.get("priority", 0):
            return one.name
    return ""


def template_removed(request: HttpRequest, name: str) -> HttpResponse:
    gone, _ = IndexTemplate.objects.filter(name=name).delete()
    if not gone:
        return failure(404, "index_template_missing_exception", f"index_template [{name}] missing")
    return JsonResponse({"acknowledged": True})


def data_streams(request: HttpRequest, name: str = "*") -> HttpResponse:
    names = Document.objects.filter(search.indices(name)).values_list("index", flat=True).distinct().order_by("index")
    about = {"timestamp_field": {"name": "@timestamp"}, "generation": 1, "status": "GREEN"}
    found = [{"name": one, "template": _template(one), **about} for one in names]
    if not found and "*" not in name:
        return failure(404, "index_not_found_exception", f"no such index [{name}]", index=name)
    return JsonResponse({"data_streams": found})


def _template(stream: str) -> str:
    """The template with the highest priority whose pattern fits."""
    fitting = [
        one
        for one in IndexTemplate.objects.all()
        if any(fnmatchcase(stream, pattern) for pattern in one.body["index_patterns"])
    ]
    return max(fitting, key=lambda one: one.body.get("priority", 0)).name if fitting else "logs"
