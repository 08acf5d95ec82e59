"""Every request passes through here: it is logged, and a fault rule can apply to it."""

import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from sandbox.world import fault_injection, requestlog
from sandbox.world.models import fault_for

View = Callable[[HttpRequest], HttpResponseBase]
OWN_PAGES = "/_/"  # neither logged nor subject to fault rules


class RequestLog:
    """Logs each request with its response and duration."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(OWN_PAGES):
            return self.get_response(request)
        start = time.monotonic()
        request_id = request.headers.get("X-Request-Id") or uuid.uuid4().hex
        response = self.get_response(request)
        requestlog.record(
            provider=requestlog.provider_of(request),
            method=request.method or "",
            path=request.path,
            query=request.META.get("QUERY_STRING", ""),
            status=None if isinstance(response, fault_injection.NoResponse) else response.status_code,
            milliseconds=(time.monotonic() - start) * 1000,
            agent=request.headers.get("User-Agent", ""),
            request_id=request_id,
            fault=getattr(response, "fault", ""),
        )
        response.headers.setdefault("X-Request-Id", request_id)
        return response


class FaultInjection:
    """Applies the first fault rule that matches a request. See `fault_injection`."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(OWN_PAGES):
            return self.get_response(request)
        rule = fault_for(request.method or "", request.path)
        if rule is None:
            return self.get_response(request)
        response = fault_injection.apply(rule, request, self.get_response)
        response.fault = rule.kind  # type: ignore[attr-defined]
        response._has_been_logged = True  # type: ignore[attr-defined]  # an intended 5xx does not belong in our log
        return response
