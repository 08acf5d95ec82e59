"""Webhooks on their way out: posted, or dropped, doubled, delayed, reordered or early as a rule of misbehaviour says."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait

import requests
from django.db import connections

from sandbox.world import requestlog, witness
from sandbox.world.models import WHEN_CAUSED, WHEN_SENT, Fault, fault_for

logger = logging.getLogger(__name__)

TIMEOUT = 10.0
_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="webhook")
_sent: Counter[str] = Counter()
"""How many webhooks of each source have left."""
_one_left = threading.Condition()


def deliver(source: str, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
    """Post `body` to `url`, and return the HTTP status of the answer.

    None means that it was dropped, or that nobody answered. One that is delayed or reordered makes the caller wait;
    `soon` does not.
    """
    witness.webhook(source, headers, body)
    rule = fault_for("POST", source, WHEN_SENT)
    kind = rule.kind if rule else ""
    if rule and kind == Fault.Kind.WEBHOOK_DROPPED:
        _keep(source, url, None, 0.0, kind)
        return None
    if rule and kind == Fault.Kind.WEBHOOK_DELAYED:
        time.sleep(rule.seconds)
    if rule and kind == Fault.Kind.WEBHOOK_REORDERED:
        _let_another_pass(source, rule.seconds)
    if kind == Fault.Kind.WEBHOOK_DOUBLED:
        _post(source, url, headers, body, kind)
    return _post(source, url, headers, body, kind)


def _let_another_pass(source: str, seconds: float) -> None:
    with _one_left:
        before = _sent[source]
        _one_left.wait_for(lambda: _sent[source] > before, seconds)


def soon(source: str, send: Callable[[], object], pool: ThreadPoolExecutor = _pool) -> None:
    """Run `send` in another thread, so that whoever caused the webhook does not wait for its receiver, unless a rule says
    that it has to arrive first."""
    sending = pool.submit(send)
    if fault_for("POST", source, WHEN_CAUSED):
        wait([sending], TIMEOUT)


def deliver_soon(source: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
    """`deliver`, `soon`."""
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
    began = time.monotonic()
    status = None
    try:
        status = requests.post(url, data=body, headers=dict(headers), timeout=TIMEOUT).status_code
    except requests.RequestException as error:
        logger.warning("No answer from %s: %s", url, error)
    _keep(source, url, status, (time.monotonic() - began) * 1000, fault)
    with _one_left:
        _sent[source] += 1
        _one_left.notify_all()
    return status


def _keep(source: str, url: str, status: int | None, milliseconds: float, fault: str) -> None:
    about = {"method": "POST", "path": url, "agent": source, "fault": fault}
    requestlog.keep(provider="webhook", status=status, milliseconds=milliseconds, **about)
