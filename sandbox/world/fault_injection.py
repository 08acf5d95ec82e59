"""The effect of a fault rule on one request.

Resets, black holes and half bodies act on the socket, which the server passes as `sandbox.connection` in the WSGI
environment.
"""

import time
from collections.abc import Callable, Iterator
from typing import Protocol

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from sandbox.world.models import Fault
from sandbox.world.refusals import REFUSALS

View = Callable[[HttpRequest], HttpResponseBase]


class Connection(Protocol):
    """The TCP connection of one request."""

    def reset(self) -> None:
        """Cut the connection with a TCP reset."""

    def hold(self) -> None:
        """Stay silent until the client hangs up."""

    def close_after(self) -> None:
        """Close the connection after this response."""


class NoResponse(StreamingHttpResponse):
    """A response that sends no byte. Instead, `act` is called on the connection."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__(self._cut(act))

    @staticmethod
    def _cut(act: Callable[[], None]) -> Iterator[bytes]:
        act()
        raise ConnectionResetError("cut by a fault rule")
        yield b""


def apply(rule: Fault, request: HttpRequest, view: View) -> HttpResponseBase:
    """The response to `request` under `rule`. Calls `view` if the rule lets the request take effect."""
    connection: Connection = request.META["sandbox.connection"]
    kinds = Fault.Kind
    match rule.kind:
        case kinds.DELAY:
            time.sleep(rule.seconds)
            return view(request)
        case kinds.ERROR_BEFORE:
            return _error(rule)
        case kinds.ERROR_AFTER:
            view(request).close()
            return _error(rule)
        case kinds.RESET_BEFORE:
            request.read()  # completely, or the reset would arrive while the client is still sending
            return NoResponse(connection.reset)
        case kinds.RESET_AFTER:
            view(request).close()
            return NoResponse(connection.reset)
        case kinds.RATE_LIMIT:
            return rate_limited(rule, request)
        case kinds.BLACK_HOLE:
            return NoResponse(connection.hold)
        case kinds.HALF_BODY:
            return _half(view(request), connection)
        case kinds.SLOW_DRIP:
            return _drip(view(request), rule.seconds)
        case kinds.INVALID_JSON:
            return HttpResponse(b'{"broken": ', content_type="application/json")
        case kinds.REFUSAL:
            refusal = REFUSALS[rule.refusal]
            return JsonResponse(refusal.body, status=refusal.status, headers=dict(refusal.headers))
    raise ValueError(f"{rule.kind} is not a fault of requests")


def _error(rule: Fault) -> HttpResponse:
    return JsonResponse({"message": "Server Error"}, status=rule.status)


def rate_limited(rule: Fault, request: HttpRequest) -> HttpResponse:
    """GitHub's rate limit (403, or 429 if the rule demands it); 429 with Retry-After for the other tools."""
    wait = max(1, round(rule.seconds))
    if not request.path.startswith("/github/"):
        return JsonResponse({"message": "Too Many Requests"}, status=429, headers={"Retry-After": str(wait)})
    body = {
        "message": "API rate limit exceeded for user ID 6.",
        "documentation_url": "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api",
    }
    headers = {
        "x-ratelimit-limit": "5000",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-used": "5000",
        "x-ratelimit-reset": str(int(time.time()) + wait),
        "x-ratelimit-resource": "core",
    }
    if rule.status == 429:  # GitHub's secondary limit
        body["message"] = "You have exceeded a secondary rate limit."
        headers = {"retry-after": str(wait)}
    return JsonResponse(body, status=429 if rule.status == 429 else 403, headers=headers)


def _content(response: HttpResponseBase) -> bytes:
    if isinstance(response, HttpResponse):
        return response.content
    return b"".join(response)


def _half(response: HttpResponseBase, connection: Connection) -> StreamingHttpResponse:
    content = _content(response)

    def body() -> Iterator[bytes]:
        yield content[: len(content) // 2]
        connection.close_after()

    return _streamed(response, body(), max(len(content), 2))


def _drip(response: HttpResponseBase, pause: float) -> StreamingHttpResponse:
    """Send single bytes. Each gap is short, but the whole response takes long."""
    content = _content(response)

    def body() -> Iterator[bytes]:
        for index in range(len(content)):
            yield content[index : index + 1]
            time.sleep(pause)

    return _streamed(response, body(), len(content))


def _streamed(response: HttpResponseBase, body: Iterator[bytes], length: int) -> StreamingHttpResponse:
    streamed = StreamingHttpResponse(body, status=response.status_code)
    for name, value in response.items():
        streamed.headers[name] = value
    streamed.headers["Content-Length"] = str(length)
    return streamed
