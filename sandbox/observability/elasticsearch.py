"""Elasticsearch's HTTP API: bulk, search, count, index templates and data streams.

https://www.elastic.co/docs/api/doc/elasticsearch
"""

import base64
import binascii
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from sandbox.observability import search
from sandbox.observability.intake import store, timestamp
from sandbox.observability.models import Document, IndexTemplate
from sandbox.world import cast

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
HIGHEST_WINDOW = 10_000


def failure(status: int, kind: str, reason: str, **more: Any) -> JsonResponse:
    cause = {"type": kind, "reason": reason, **more}
    return JsonResponse({"error": {"root_cause": [cause], **cause}, "status": status}, status=status)


def api(**views: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A resource: one view per method, for those who bring an API key."""

    @csrf_exempt
    def handle(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        view = views.get((request.method or "").lower())
        answer = _answer(view, request, *args, **kwargs)
        answer.headers["X-Elastic-Product"] = "Elasticsearch"  # clients refuse a server that does not send it
        return answer

    return handle


def _answer(view: View[P] | None, request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
    if not known(request):
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


def known(request: HttpRequest) -> bool:
    """An API key as it is given out (`id:key` in base 64), or plain; or the Basic password `sandbox-elastic-key`."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind == "ApiKey" and value == cast.ELASTIC_KEY:
        return True
    if kind not in ("ApiKey", "Basic"):
        return False
    try:
        return base64.b64decode(value, validate=True).decode().endswith(f":{cast.ELASTIC_KEY}")
    except (binascii.Error, UnicodeDecodeError):
        return False


def _body(request: HttpRequest) -> dict[str, Any]:
    said = json.loads(request.body or b"{}")
    if not isinstance(said, dict):
        raise ValueError("an object was expected")
    return said


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
    return JsonResponse(_stored(index, uuid.uuid4().hex, _body(request)), status=201)


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
    said = _body(request)
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
    found = search.find(index, _asked(request, _body(request)))
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


def template(request: HttpRequest, name: str) -> HttpResponse:
    pattern = IndexTemplate.objects.filter(name__regex="^" + name.replace("*", ".*") + "$").order_by("name")
    found = [{"name": one.name, "index_template": one.body} for one in pattern]
    if not found and "*" not in name:
        return failure(404, "resource_not_found_exception", f"index template matching [{name}] not found")
    return JsonResponse({"index_templates": found})


def template_there(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(status=200 if IndexTemplate.objects.filter(name=name).exists() else 404)


def template_put(request: HttpRequest, name: str) -> HttpResponse:
    body = _body(request)
    unknown = set(body) - {"index_patterns", "template", "composed_of", "priority", "version", "_meta", "data_stream"}
    if unknown:
        raise ValueError(f"[index_template] unknown field [{sorted(unknown)[0]}]")
    if not body.get("index_patterns"):
        return failure(400, "illegal_argument_exception", "index template must have index patterns")
    clash = _same_priority(name, body)
    if clash:
        reason = f"index template [{name}] has the patterns and the priority of existing templates [{clash}]"
        return failure(400, "illegal_argument_exception", reason)
    IndexTemplate.objects.update_or_create(name=name, defaults={"body": {"composed_of": [], **body}})
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
