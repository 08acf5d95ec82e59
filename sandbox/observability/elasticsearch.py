"""Elasticsearch's HTTP API: bulk, search and index templates. https://www.elastic.co/docs/api/doc/elasticsearch"""

import json
import uuid
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox.observability import search
from sandbox.observability.ingestion import store, timestamp
from sandbox.observability.models import IndexTemplate
from sandbox.world import cast

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
MAX_RESULT_WINDOW = 10_000


def error(status: int, kind: str, reason: str, **details: Any) -> JsonResponse:
    cause = {"type": kind, "reason": reason, **details}
    return JsonResponse({"error": {"root_cause": [cause], **cause}, "status": status}, status=status)


def resource(**views: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """The handler of one resource: a view for each method, for callers with the API key."""

    @csrf_exempt
    def handle(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        view = views.get((request.method or "").lower())
        response = _response(view, request, *args, **kwargs)
        response.headers["X-Elastic-Product"] = "Elasticsearch"  # clients refuse a server that does not send it
        return response

    return handle


def _response(view: View[P] | None, request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
    if request.headers.get("Authorization") != f"ApiKey {cast.ELASTIC_KEY}":
        refusal = error(401, "security_exception", "missing or unknown authentication credentials for REST request")
        refusal.headers["WWW-Authenticate"] = "ApiKey"
        return refusal
    if view is None:
        return error(405, "method_not_allowed", f"Incorrect HTTP method for uri [{request.path}]")
    try:
        return view(request, *args, **kwargs)
    except search.BadQuery as problem:
        return error(400, "parsing_exception", str(problem), line=1, col=1)
    except ValueError as problem:
        return error(400, "x_content_parse_exception", f"[1:1] {problem}")


def json_object(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in the body; empty where there is no body. Raises ValueError."""
    body = json.loads(request.body or b"{}")
    if not isinstance(body, dict):
        raise ValueError("an object was expected")
    return body


def info(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"name": "sandbox", "cluster_name": "sandbox", "version": {"number": "9.1.0"}})


def bulk(request: HttpRequest) -> HttpResponse:
    """Newline-delimited pairs of an action and a document. Only `index` and `create` are supported."""
    lines = [json.loads(line) for line in request.body.splitlines() if line.strip()]
    items = []
    for action, source in zip(lines[::2], lines[1::2], strict=True):
        ((name, target),) = action.items()
        if name not in ("index", "create"):
            raise ValueError(f"unknown action [{name}]")
        items.append({name: _store(target["_index"], target.get("_id") or uuid.uuid4().hex, source)})
    return JsonResponse({"took": 1, "errors": False, "items": items})


def _store(index: str, identity: str, source: dict[str, Any]) -> dict[str, Any]:
    at = search.parse_time(source.get("@timestamp"))
    new = store(index, identity, at, {**source, "@timestamp": timestamp(at)})
    result = "created" if new else "updated"
    return {"_index": index, "_id": identity, "_version": 1, "result": result, "status": 201 if new else 200}


def search_documents(request: HttpRequest, index: str = "") -> HttpResponse:
    """The matching documents, newest first. A missing index counts as empty, as with `ignore_unavailable`."""
    body = json_object(request)
    size = int(body.get("size", 10))
    if size > MAX_RESULT_WINDOW:
        raise search.BadQuery("Result window is too large, from + size must be less than or equal to: [10000]")
    _check_sort(body.get("sort") or [])
    documents = search.find(index, body.get("query"))
    hits = [
        {"_index": document.index, "_id": document.identity, "_score": None, "_source": document.source}
        for document in documents[:size]
    ]
    shards = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
    result = {"total": {"value": len(documents), "relation": "eq"}, "max_score": None, "hits": hits}
    return JsonResponse({"took": 1, "timed_out": False, "_shards": shards, "hits": result})


def _check_sort(sort: list[dict[str, Any]]) -> None:
    """Raises BadQuery for an order other than newest first, the only one that is supported."""
    if sort not in ([], [{"@timestamp": "desc"}], [{"@timestamp": {"order": "desc"}}]):
        raise search.BadQuery(f"the sandbox sorts by @timestamp, newest first, not by {sort}")


def read_template(request: HttpRequest, name: str) -> HttpResponse:
    template = IndexTemplate.objects.filter(name=name).first()
    if template is None:
        return error(404, "resource_not_found_exception", f"index template matching [{name}] not found")
    return JsonResponse({"index_templates": [{"name": name, "index_template": template.body}]})


def delete_template(request: HttpRequest, name: str) -> HttpResponse:
    if not IndexTemplate.objects.filter(name=name).delete()[0]:
        return error(404, "index_template_missing_exception", f"index_template [{name}] missing")
    return JsonResponse({"acknowledged": True})


def overlap(first: str, second: str) -> bool:
    """Whether a name can match both patterns."""
    if not first or not second:
        return not (first or second).strip("*")
    if first[0] == "*":
        return overlap(first[1:], second) or overlap(first, second[1:])
    if second[0] == "*":
        return overlap(first, second[1:]) or overlap(first[1:], second)
    return first[0] == second[0] and overlap(first[1:], second[1:])


def put_template(request: HttpRequest, name: str) -> HttpResponse:
    body = json_object(request)
    if not body.get("index_patterns"):
        return error(400, "illegal_argument_exception", "index template must have index patterns")
    priority = body.get("priority", 0)
    others = IndexTemplate.objects.exclude(name=name)
    rivals = {
        other.name: other.body["index_patterns"]
        for other in others
        if other.body.get("priority", 0) == priority
        and any(overlap(ours, theirs) for ours in body["index_patterns"] for theirs in other.body["index_patterns"])
    }
    if rivals:
        listed = ", ".join(f"{rival} => [{', '.join(patterns)}]" for rival, patterns in sorted(rivals.items()))
        reason = (
            f"index template [{name}] has index patterns [{', '.join(body['index_patterns'])}] matching patterns from existing "
            f"templates [{','.join(sorted(rivals))}] with patterns ({listed}) that have the same priority [{priority}], multiple index "
            "templates may "
            "not match during index creation, please use a different priority"
        )
        return error(400, "illegal_argument_exception", reason)
    IndexTemplate.objects.update_or_create(name=name, defaults={"body": {"composed_of": [], **body}})
    return JsonResponse({"acknowledged": True})
