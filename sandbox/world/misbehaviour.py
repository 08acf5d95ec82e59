"""What a rule of misbehaviour does to one request.

Resets, black holes and half bodies happen on the socket itself, which the server hands over as `sandbox.wire`
in the WSGI environment.
"""

import time
from collections.abc import Callable, Iterator
from typing import Protocol

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from sandbox.world.models import Fault


class Wire(Protocol):
    """The connection below one request."""

    def reset(self) -> None:
        """Cut it with a TCP reset."""

    def hold(self) -> None:
        """Say nothing until the other side hangs up."""

    def close_after(self) -> None:
        """Close it once this answer is out."""


class NoAnswer(StreamingHttpResponse):
    """An answer of which no byte leaves: `act` is done to the connection instead."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__(self._cut(act))

    @staticmethod
    def _cut(act: Callable[[], None]) -> Iterator[bytes]:
        act()
        raise ConnectionResetError("cut by a rule of misbehaviour")
        yield b""


def apply(rule: Fault, request: HttpRequest, answer: Callable[[HttpRequest], HttpResponseBase]) -> HttpResponseBase:
    """The answer to `request` under `rule`; calls `answer` where the rule lets the request have its effect."""
    wire: Wire = request.META["sandbox.wire"]
    kinds = Fault.Kind
    match rule.kind:
        case kinds.DELAY:
            time.sleep(rule.seconds)
            return answer(request)
        case kinds.ERROR_BEFORE:
            return _failed(rule)
        case kinds.ERROR_AFTER:
            answer(request).close()
            return _failed(rule)
        case kinds.RESET_BEFORE:
            request.read()  # all of it, or the client would meet the reset while it is still sending
            return NoAnswer(wire.reset)
        case kinds.RESET_AFTER:
            answer(request).close()
            return NoAnswer(wire.reset)
        case kinds.RATE_LIMIT:
            return rate_limited(rule, request)
        case kinds.BLACK_HOLE:
            return NoAnswer(wire.hold)
        case kinds.HALF_BODY:
            return _half(answer(request), wire)
        case kinds.SLOW_DRIP:
            return _dripping(answer(request), rule.seconds)
        case kinds.INVALID_JSON:
            return HttpResponse(b'{"broken": ', content_type="application/json")
    raise ValueError(f"{rule.kind} is no misbehaviour of a request")


def _failed(rule: Fault) -> HttpResponse:
    return JsonResponse({"message": "Server Error"}, status=rule.status)


def rate_limited(rule: Fault, request: HttpRequest) -> HttpResponse:
    """GitHub's refusal (status 403 by default, or 429 where the rule says so), 429 with Retry-After elsewhere."""
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


def _bytes_of(response: HttpResponseBase) -> bytes:
    if isinstance(response, HttpResponse):
        return response.content
    return b"".join(response)


def _half(response: HttpResponseBase, wire: Wire) -> StreamingHttpResponse:
    whole = _bytes_of(response)

    def body() -> Iterator[bytes]:
        yield whole[: len(whole) // 2]
        wire.close_after()

    return _in_pieces(response, body(), max(len(whole), 2))


def _dripping(response: HttpResponseBase, pause: float) -> StreamingHttpResponse:
    """No gap between two bytes is long, but all of them together are."""
    whole = _bytes_of(response)

    def body() -> Iterator[bytes]:
        for place in range(len(whole)):
            yield whole[place : place + 1]
            time.sleep(pause)

    return _in_pieces(response, body(), len(whole))


def _in_pieces(response: HttpResponseBase, body: Iterator[bytes], length: int) -> StreamingHttpResponse:
    made = StreamingHttpResponse(body, status=response.status_code)
    for name, value in response.items():
        made.headers[name] = value
    made.headers["Content-Length"] = str(length)
    return made
