"""One exchange with the outside: time-outs, the planning guard, the record of calls. For every provider alike.

One call is one request: no client below this module retries or paces by itself; whether to try again is the
engine's decision. The time-out covers the whole exchange, last byte included, because `requests`' own covers only
the gap between two bytes.
"""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
import urllib3
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from requests.adapters import HTTPAdapter

from integrations.errors import Invalid, Transient, rate_limit

logger = logging.getLogger(__name__)
_tracer = trace.get_tracer("onramp.http")

TIMEOUT = 15.0
"""Seconds for a whole exchange. Shorter than the engine's lease, so that a call cannot outlive its fence."""

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class EffectWhilePlanning(RuntimeError):
    """Planning tried to change something outside: a defect of ours, never an answer of a provider."""


@dataclass
class Call:
    """One request as it went out."""

    provider: str
    method: str
    url: str
    status: int | None = None
    seconds: float = 0.0
    processor: float = 0.0
    """Seconds of the processor that our side of the exchange took."""
    pause: float | None = None
    """Seconds for which the provider asked to be left alone (a rate limit)."""

    def answered(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Note the answer while the exchange is under way."""
        said = body[:1000].decode(errors="replace") if status == 403 else ""
        self.status, self.pause = status, rate_limit(status, headers, said)


class Gate(Protocol):
    """Stands at the door of every exchange; shared by all processes. Handed in at start-up."""

    def enter(self, provider: str, *, changes: bool) -> None:
        """May wait a moment for its turn. Raises Transient (not ambiguous) where the provider is to be left alone."""
        ...

    def leave(self, provider: str, call: Call) -> None: ...


_gate: list[Gate] = []


def keep_gate(gate: Gate | None) -> None:
    """From here on this gate, or none."""
    _gate[:] = [] if gate is None else [gate]


_reading: ContextVar[bool] = ContextVar("reading", default=False)
_free: ContextVar[bool] = ContextVar("free", default=False)
_until: ContextVar[float | None] = ContextVar("until", default=None)
_recorder: ContextVar[list[Call] | None] = ContextVar("recorder", default=None)


@contextmanager
def reading() -> Iterator[None]:
    """Within this block only requests without effects leave: GET, HEAD, and those declared `free()`."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


@contextmanager
def free() -> Iterator[None]:
    """A provider declares the calls of this block free of effects (a search by POST, a dry run, an access review)."""
    token = _free.set(True)
    try:
        yield
    finally:
        _free.reset(token)


@contextmanager
def until(deadline: float) -> Iterator[None]:
    """All exchanges of this block end before `deadline` (of `time.monotonic()`), and none begins after it."""
    token = _until.set(deadline)
    try:
        yield
    finally:
        _until.reset(token)


@contextmanager
def recording() -> Iterator[list[Call]]:
    """Collects every call made within this block, in order."""
    calls: list[Call] = []
    token = _recorder.set(calls)
    try:
        yield calls
    finally:
        _recorder.reset(token)


@dataclass
class _Exchange:
    """The exchange under way in this thread; the watchdog cuts its connection at the deadline."""

    connection: Any = None
    expired: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def expire(self) -> None:
        with self.lock:
            self.expired = True
            sock = getattr(self.connection, "sock", None)
            if sock is not None:
                try:
                    sock.shutdown(2)
                except OSError as error:  # the peer was quicker
                    logger.debug("already closed: %s", error)


_exchange: ContextVar[_Exchange | None] = ContextVar("exchange", default=None)


class _Watched:
    """Tells the exchange under way which connection carries it, and sends nothing once its time is over.

    While a name is looked up there is nothing to cut yet.
    """

    def connect(self) -> None:
        self._in_time()
        super().connect()  # type: ignore[misc]
        self._in_time()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._in_time()
        super().request(*args, **kwargs)  # type: ignore[misc]

    def _in_time(self) -> None:
        current = _exchange.get()
        if current is not None:
            current.connection = self
            if current.expired:
                raise TimeoutError("the time for this exchange is over")


class WatchedHTTPConnection(_Watched, urllib3.connection.HTTPConnection):
    pass


class WatchedHTTPSConnection(_Watched, urllib3.connection.HTTPSConnection):
    pass


class WatchedHTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = WatchedHTTPConnection


class WatchedHTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = WatchedHTTPSConnection


POOL_CLASSES = {"http": WatchedHTTPPool, "https": WatchedHTTPSPool}
"""For a `urllib3.PoolManager.pool_classes_by_scheme`, so that the watchdog reaches its connections."""


@contextmanager
def exchange(provider: str, method: str, url: str, timeout: float = TIMEOUT) -> Iterator[Call]:
    """One request to `provider`, guarded, bounded and recorded; set `.status` on what it yields.

    The body must be read to its end inside the block. Raises `EffectWhilePlanning` where planning would change
    something, and `Transient` for whatever the network did, a deadline included (see `until`).
    """
    if _reading.get() and method.upper() not in SAFE_METHODS and not _free.get():
        raise EffectWhilePlanning(f"planning may not {method} {url}")
    changes = method.upper() not in SAFE_METHODS and not _free.get()
    for gate in _gate:
        gate.enter(provider, changes=changes)
    deadline = _until.get()
    if deadline is not None:  # what waiting at the gate took is gone from it
        timeout = min(timeout, deadline - time.monotonic())
        if timeout <= 0:
            raise Transient(provider, "the time for this was over before it was asked", ambiguous=False)
    call = Call(provider, method.upper(), url)
    recorder = _recorder.get()
    if recorder is not None:
        recorder.append(call)
    current = _Exchange()
    token = _exchange.set(current)
    watchdog = threading.Timer(timeout, current.expire)
    watchdog.daemon = True
    began, processor = time.monotonic(), time.thread_time()
    watchdog.start()
    span = _tracer.start_span(f"{call.method} {provider}", kind=SpanKind.CLIENT, attributes=_facts(call))
    try:
        yield call
        if current.expired:
            raise Transient(provider, f"no complete answer within {timeout:g} s")
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        said = f"no complete answer within {timeout:g} s" if current.expired else "the connection failed"
        raise Transient(provider, said, detail=f"{type(error).__name__}: {error}") from error
    finally:
        watchdog.cancel()
        _exchange.reset(token)
        if call.status is not None:
            span.set_attribute("http.response.status_code", call.status)
        if call.status is None or call.status >= 500:
            span.set_status(StatusCode.ERROR)
        span.end()
        call.seconds, call.processor = time.monotonic() - began, time.thread_time() - processor
        for gate in _gate:
            gate.leave(provider, call)
        logger.debug("%s %s %s %s %.3f", provider, call.method, url, call.status, call.seconds)


def _facts(call: Call) -> dict[str, str]:
    """As OpenTelemetry names them, without the query: it may hold what is nobody's business.

    https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client
    """
    address = urlsplit(call.url)
    return {
        "http.request.method": call.method,
        "server.address": address.hostname or "",
        "url.full": f"{address.scheme}://{address.netloc.rpartition('@')[2]}{address.path}",
        "onramp.provider": call.provider,
    }


class BoundedAdapter(HTTPAdapter):
    """Mount it on any `requests.Session`, ours or inside a client library: every request becomes one `exchange`."""

    def __init__(self, provider: str, timeout: float = TIMEOUT) -> None:
        self.provider = provider
        self.timeout = timeout
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOL_CLASSES

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = (min(5.0, self.timeout), self.timeout)
        kwargs["stream"] = True
        with exchange(self.provider, request.method or "GET", request.url or "", self.timeout) as call:
            response = super().send(request, *args, **kwargs)
            body = response.content  # read to the end while the watchdog is on
            call.answered(response.status_code, response.headers, body)
            return response


def session(provider: str, timeout: float = TIMEOUT) -> requests.Session:
    """A session whose every request is one bounded, recorded exchange and which follows no redirect by itself."""
    made = requests.Session()
    made.trust_env = False  # no .netrc, no proxies that the environment happens to name
    made.max_redirects = 3
    adapter = BoundedAdapter(provider, timeout)
    made.mount("http://", adapter)
    made.mount("https://", adapter)
    return made


def json_of(provider: str, response: requests.Response) -> Any:
    """The parsed JSON body. Raises `Invalid` with its beginning where it is none."""
    try:
        return response.json()
    except ValueError as error:
        raise Invalid(
            provider, "answered something that is not JSON", status=response.status_code, detail=response.text[:500]
        ) from error
