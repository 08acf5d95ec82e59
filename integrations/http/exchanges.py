"""One exchange with a provider: one request and its whole answer."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests
import urllib3
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode

from integrations.errors import Transient
from integrations.http import gate, scopes, watchdog
from integrations.http.calls import Call

logger = logging.getLogger(__name__)
_tracer = trace.get_tracer("onramp.http")

TIMEOUT = 15.0
"""Seconds for a whole exchange. Shorter than the engine's lease, so that a call cannot outlive its fence."""

_NETWORK_ERRORS = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


@contextmanager
def exchange(provider: str, method: str, url: str, timeout: float = TIMEOUT) -> Iterator[Call]:
    """One request to `provider`: guarded, bounded and recorded. Set `.status` on the call it yields.

    The body must be read to its end inside the block. Raises `EffectWhilePlanning` where planning would change
    something, and `Transient` for every network error and time-out (see `deadline`).
    """
    call = Call(provider, method.upper(), url)
    gate.enter(provider, changes=scopes.changes(call))
    try:
        timeout = _remaining(provider, timeout)
        with _recorded(call), watchdog.limited(provider, timeout) as watch, _as_transient(provider, timeout, watch):
            yield call
    finally:
        gate.leave(provider, call)


@contextmanager
def _recorded(call: Call) -> Iterator[None]:
    scopes.record(call)
    call.sent = True
    span = _tracer.start_span(f"{call.method} {call.provider}", kind=SpanKind.CLIENT, attributes=_attributes(call))
    began, processor = time.monotonic(), time.thread_time()
    try:
        yield
    finally:
        _end(span, call)
        call.seconds, call.processor = time.monotonic() - began, time.thread_time() - processor
        logger.debug("%s %s %s %s %.3f", call.provider, call.method, call.url, call.status, call.seconds)


def _remaining(provider: str, timeout: float) -> float:
    """The time that is left for this exchange; waiting at the gate has already used some of it. Raises Transient."""
    deadline = scopes.current_deadline()
    if deadline is None:
        return timeout
    timeout = min(timeout, deadline - time.monotonic())
    if timeout <= 0:
        raise Transient(provider, "no time was left to send the request", ambiguous=False)
    return timeout


@contextmanager
def _as_transient(provider: str, timeout: float, watch: watchdog.Watch) -> Iterator[None]:
    late = f"no complete answer within {timeout:g} s"
    try:
        yield
    except _NETWORK_ERRORS as error:
        message = late if watch.expired else "the connection failed"
        raise Transient(provider, message, detail=f"{type(error).__name__}: {error}") from error
    if watch.expired:
        raise Transient(provider, late)


def _attributes(call: Call) -> dict[str, str]:
    """Named as OpenTelemetry names them. The query is left out: it may be confidential.

    https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client
    """
    address = urlsplit(call.url)
    return {
        "http.request.method": call.method,
        "server.address": address.hostname or "",
        "url.full": f"{address.scheme}://{address.netloc.rpartition('@')[2]}{address.path}",
        "onramp.provider": call.provider,
    }


def _end(span: Span, call: Call) -> None:
    if call.status is not None:
        span.set_attribute("http.response.status_code", call.status)
    if call.status is None or call.status >= 500:
        span.set_status(StatusCode.ERROR)
    span.end()
