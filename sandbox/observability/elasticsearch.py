"""Elasticsearch's HTTP API: bulk, search and index templates. https://www.elastic.co/docs/api/doc/elasticsearch"""

import json
import uuid
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox.observability import search
from sandbox.observability.intake import store, timestamp
from sandbox.observability.models import IndexTemplate
from sandbox.world import cast

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
HIGHEST_WINDOW = 10_000


def failure(status: int, kind: str, reason: str, **more: Any) -> JsonResponse:
    cause = {"type": kind, "reason": reason, **more}
    return JsonResponse({"error": {"root_cause": [cause], **cause}, "status": status}, status=status)


def api(**views: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A resource: one view per method, for those who bring the API key."""

    @csrf_exempt
    def handle(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        view = views.get((request.method or "").lower())
        answer = _answer(view, request, *args, **kwargs)
        answer.headers["X-Elastic-Product"] = "Elasticsearch"  # clients refuse a server that does not send it
        return answer

    return handle


def _answer(view: View[P] | None, request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
    if request.headers.get("Authorization") != f"ApiKey {cast.ELASTIC_KEY}":
        refused = failure(401, "security_exception", "missing or unknown authentication credentials for REST request")
        refused.headers["WWW-Authenticate"] = "ApiKey"
        return refused
    if view is None:
        return failure(405, "method_not_allowed", f"Incorrect HTTP method for uri [{request.path}]")
    try:
        return view(request, *args, **kwargs)
    except search.BadQuery as error:
        return failure(400, "parsing_exception", str(error), line=1, col=1)
    except ValueError as error:
        return failure(400, "x_content_parse_exception", f"[1:1] {error}")


def body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of the request, empty where there is none. Raises ValueError."""
    said = json.loads(request.body or b"{}")
    if not isinstance(said, dict):
        raise ValueError("an object was expected")
    return said


def info(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"name": "sandbox", "cluster_name": "sandbox", "version": {"number": "9.1.0"}})


def bulk(request: HttpRequest) -> HttpResponse:
    """Newline-delimited pairs of an action and a document; only `index` and `create` are taken."""
    lines = [json.loads(line) for line in request.body.splitlines() if line.strip()]
    items = []
    for action, source in zip(lines[::2], lines[1::2], strict=True):
        ((name, about),) = action.items()
        if name not in ("index", "create"):
            raise ValueError(f"unknown action [{name}]")
        items.append({name: _stored(about["_index"], about.get("_id") or uuid.uuid4().hex, source)})
    return JsonResponse({"took": 1, "errors": False, "items": items})


def _stored(index: str, identity: str, source: dict[str, Any]) -> dict[str, Any]:
    at = search.moment(source.get("@timestamp"))
    new = store(index, identity, at, {**source, "@timestamp": timestamp(at)})
    result = "created" if new else "updated"
    return {"_index": index, "_id": identity, "_version": 1, "result": result, "status": 201 if new else 200}


def searched(request: HttpRequest, index: str = "") -> HttpResponse:
    """Newest first; an index that is not there has no lines, as callers who look for lines ask for."""
    said = body(request)
    size = int(said.get("size", 10))
    if size > HIGHEST_WINDOW:
        raise search.BadQuery("Result window is too large, from + size must be less than or equal to: [10000]")
    _newest_first(said.get("sort") or [])
    found = search.find(index, said.get("query"))
    hits = [{"_index": one.index, "_id": one.identity, "_score": None, "_source": one.source} for one in found[:size]]
    shards = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
    told = {"total": {"value": len(found), "relation": "eq"}, "max_score": None, "hits": hits}
    return JsonResponse({"took": 1, "timed_out": False, "_shards": shards, "hits": told})


def _newest_first(sort: list[dict[str, Any]]) -> None:
    """Raises BadQuery for another order, since lines are given in this one only."""
    if sort not in ([], [{"@timestamp": "desc"}], [{"@timestamp": {"order": "desc"}}]):
        raise search.BadQuery(f"the sandbox sorts by @timestamp, the newest first, not by {sort}")


def template(request: HttpRequest, name: str) -> HttpResponse:
    found = IndexTemplate.objects.filter(name=name).first()
    if found is None:
        return failure(404, "resource_not_found_exception", f"index template matching [{name}] not found")
    return JsonResponse({"index_templates": [{"name": name, "index_template": found.body}]})


def template_delete(request: HttpRequest, name: str) -> HttpResponse:
    if not IndexTemplate.objects.filter(name=name).delete()[0]:
        return failure(404, "index_template_missing_exception", f"index_template [{name}] missing")
    return JsonResponse({"acknowledged": True})


def template_put(request: HttpRequest, name: str) -> HttpResponse:
    said = body(request)
    if not said.get("index_patterns"):
        return failure(400, "illegal_argument_exception", "index template must have index patterns")
    IndexTemplate.objects.update_or_create(name=name, defaults={"body": {"composed_of": [], **said}})
    return JsonResponse({"acknowledged": True})
