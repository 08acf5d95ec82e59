"""Who may ask Elasticsearch, and how it refuses."""

import json
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox.observability import search
from sandbox.world import cast

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


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
