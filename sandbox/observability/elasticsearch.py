"""Elasticsearch's HTTP API: bulk, search and count. https://www.elastic.co/docs/api/doc/elasticsearch"""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from sandbox.observability import search
from sandbox.observability.elastic_access import body, failure
from sandbox.observability.intake import store, timestamp
from sandbox.observability.models import Document

HIGHEST_WINDOW = 10_000


def info(request: HttpRequest) -> HttpResponse:
    version = {"number": "9.1.0", "build_flavor": "default", "lucene_version": "10.2.2"}
    tagline = {"tagline": "You Know, for Search", "name": "sandbox", "cluster_name": "sandbox"}
    return JsonResponse({**tagline, "version": version})


def bulk(request: HttpRequest, index: str = "") -> HttpResponse:
    """Newline-delimited pairs of an action and a document; only `index` and `create` are taken."""
    lines = [json.loads(line) for line in request.body.splitlines() if line.strip()]
    items = []
    for action, source in zip(lines[::2], lines[1::2], strict=True):
        ((name, about),) = action.items()
        if name not in ("index", "create"):
            raise ValueError(f"unknown action [{name}]")
        items.append({name: _stored(about.get("_index", index), about.get("_id") or uuid.uuid4().hex, source)})
    return JsonResponse({"took": 1, "errors": False, "items": items})


def added(request: HttpRequest, index: str) -> HttpResponse:
    return JsonResponse(_stored(index, uuid.uuid4().hex, body(request)), status=201)


def _stored(index: str, identity: str, source: dict[str, Any]) -> dict[str, Any]:
    if not index:
        raise ValueError("index is missing")
    said = source.get("@timestamp")
    at = datetime.fromisoformat(said) if said else timezone.now()
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    new = store(index, identity, at, {"@timestamp": timestamp(at), **source})
    result = "created" if new else "updated"
    return {"_index": index, "_id": identity, "_version": 1, "result": result, "status": 201 if new else 200}


def searched(request: HttpRequest, index: str = "") -> HttpResponse:
    said = body(request)
    size, start = int(said.get("size", request.GET.get("size", 10))), int(said.get("from", 0))
    if size + start > HIGHEST_WINDOW:
        raise search.BadQuery("Result window is too large, from + size must be less than or equal to: [10000]")
    missing = _missing(request, index)
    if missing:
        return missing
    found, names = search.ordered(search.find(index, _asked(request, said)), said.get("sort"))
    hits = [_hit(one, names, said.get("_source", True)) for one in found[start : start + size]]
    total = {"value": len(found), "relation": "eq"}
    return JsonResponse(
        {
            "took": 1,
            "timed_out": False,
            "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
            "hits": {"total": total, "max_score": None if names else 1.0, "hits": hits},
        }
    )


def counted(request: HttpRequest, index: str = "") -> HttpResponse:
    missing = _missing(request, index)
    if missing:
        return missing
    found = search.find(index, _asked(request, body(request)))
    shards = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
    return JsonResponse({"count": len(found), "_shards": shards})


def _asked(request: HttpRequest, said: dict[str, Any]) -> dict[str, Any] | None:
    by_address = request.GET.get("q")
    return {"query_string": {"query": by_address}} if by_address else said.get("query")


def _missing(request: HttpRequest, index: str) -> HttpResponse | None:
    """A plain name that is not there is a 404, unless the caller does not mind; a pattern finds nothing."""
    if request.GET.get("ignore_unavailable") == "true":
        return None
    for name in filter(None, index.split(",")):
        if "*" not in name and name != "_all" and not Document.objects.filter(index=name).exists():
            return failure(404, "index_not_found_exception", f"no such index [{name}]", index=name)
    return None


def _hit(one: Document, names: list[str], wanted: Any) -> dict[str, Any]:
    hit: dict[str, Any] = {"_index": one.index, "_id": one.identity, "_score": None if names else 1.0}
    if wanted is not False:
        hit["_source"] = one.source
    if names:
        hit["sort"] = [_sorted_by(one, name) for name in names]
    return hit


def _sorted_by(one: Document, name: str) -> Any:
    if name == "@timestamp":
        return int(one.at.timestamp() * 1000)
    return one.id if name == "_doc" else next(iter(search.field(one, name)), None)
