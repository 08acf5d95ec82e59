"""Sending webhooks. A fault rule can drop, double, delay or reorder them, or send them early."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait

import requests
from django.db import connections

from sandbox.world import exchanges, requestlog
from sandbox.world.models import CAUSE_KINDS, DELIVERY_KINDS, Fault, fault_for

logger = logging.getLogger(__name__)

TIMEOUT = 10.0
_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="webhook")
_sent: Counter[str] = Counter()
"""How many webhooks each source has sent."""
_sent_changed = threading.Condition()


def deliver(source: str, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
    """Post `body` to `url` and return the HTTP status of the answer.

    None means that the webhook was dropped or got no answer. A delayed or reordered webhook blocks the caller;
    use `soon` to avoid that.
    """
    exchanges.record_webhook(source, headers, body)
    rule = fault_for("POST", source, DELIVERY_KINDS)
    kind = rule.kind if rule else ""
    if rule and kind == Fault.Kind.WEBHOOK_DROPPED:
        _log(source, url, None, 0.0, kind)
        return None
    if rule and kind == Fault.Kind.WEBHOOK_DELAYED:
        time.sleep(rule.seconds)
    if rule and kind == Fault.Kind.WEBHOOK_REORDERED:
        _wait_for_next(source, rule.seconds)
    if kind == Fault.Kind.WEBHOOK_DOUBLED:
        _post(source, url, headers, body, kind)
    return _post(source, url, headers, body, kind)


def _wait_for_next(source: str, seconds: float) -> None:
    """Wait until the source has sent another webhook, but no longer than `seconds`."""
    with _sent_changed:
        before = _sent[source]
        _sent_changed.wait_for(lambda: _sent[source] > before, seconds)


def soon(source: str, send: Callable[[], object], pool: ThreadPoolExecutor = _pool) -> None:
    """Run `send` in another thread, so that the request that causes the webhook does not wait for the receiver.

    If a fault rule demands that the webhook arrives early, wait for it.
    """
    future = pool.submit(send)
    if fault_for("POST", source, CAUSE_KINDS):
        wait([future], TIMEOUT)


def deliver_soon(source: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
    """`deliver` in another thread; see `soon`."""
    soon(source, lambda: _in_background(source, url, headers, body))


def _in_background(source: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
    try:
        deliver(source, url, headers, body)
    except Exception:
        logger.exception("The webhook of %s to %s failed", source, url)
        raise
    finally:
        connections.close_all()


def _post(source: str, url: str, headers: Mapping[str, str], body: bytes, fault: str) -> int | None:
    start = time.monotonic()
    status = None
    try:
        status = requests.post(url, data=body, headers=dict(headers), timeout=TIMEOUT).status_code
    except requests.RequestException as error:
        logger.warning("No answer from %s: %s", url, error)
    _log(source, url, status, (time.monotonic() - start) * 1000, fault)
    with _sent_changed:
        _sent[source] += 1
        _sent_changed.notify_all()
    return status


def _log(source: str, url: str, status: int | None, milliseconds: float, fault: str) -> None:
    columns = {"method": "POST", "path": url, "agent": source, "fault": fault}
    requestlog.record(provider="webhook", status=status, milliseconds=milliseconds, **columns)
