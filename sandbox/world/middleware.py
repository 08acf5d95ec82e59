"""Every request goes through here: it is written down, and it may meet a rule of misbehaviour."""

import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from sandbox.world import misbehaviour, requestlog
from sandbox.world.models import fault_for

Answer = Callable[[HttpRequest], HttpResponseBase]
OWN = "/_/"  # the sandbox's own pages: neither logged nor made to misbehave


class RequestLog:
    """Keeps who asked what, how it was answered and how long that took."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(OWN):
            return self.answer(request)
        began = time.monotonic()
        request_id = request.headers.get("X-Request-Id") or uuid.uuid4().hex
        response = self.answer(request)
        requestlog.keep(
            provider=requestlog.provider_of(request),
            method=request.method or "",
            path=request.path,
            query=request.META.get("QUERY_STRING", ""),
            status=None if isinstance(response, misbehaviour.NoAnswer) else response.status_code,
            milliseconds=(time.monotonic() - began) * 1000,
            agent=request.headers.get("User-Agent", ""),
            request_id=request_id,
            fault=getattr(response, "fault", ""),
        )
        response.headers.setdefault("X-Request-Id", request_id)
        return response


class Misbehaviour:
    """Breaks what a rule says should break. See `misbehaviour`."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(OWN):
            return self.answer(request)
        rule = fault_for(request.method or "", request.path)
        if rule is None:
            return self.answer(request)
        response = misbehaviour.apply(rule, request, self.answer)
        response.fault = rule.kind  # type: ignore[attr-defined]
        response._has_been_logged = True  # type: ignore[attr-defined]  # a 5xx on purpose is no error of ours
        return response
