"""Webhooks on their way out: posted, or dropped, doubled, delayed or reordered as a rule of misbehaviour says."""

import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests
from django.db import connections

from sandbox.world import requestlog, witness
from sandbox.world.models import Fault, fault_for

logger = logging.getLogger(__name__)

TIMEOUT = 10.0


@dataclass(frozen=True)
class Delivery:
    source: str
    url: str
    headers: Mapping[str, str]
    body: bytes


_held: dict[str, list[Delivery]] = {}  # by source: those that wait to be overtaken
_lock = threading.Lock()
_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="webhook")


def deliver(source: str, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
    """Post `body` to `url`, and return the HTTP status of the answer.

    None means that it was dropped, held back to be overtaken, or that nobody answered. A delayed one makes the
    caller wait; `deliver_soon` does not.
    """
    witness.webhook(source, headers, body)
    delivery = Delivery(source, url, headers, body)
    rule = fault_for("POST", source, webhook=True)
    kind = rule.kind if rule else ""
    if rule and kind == Fault.Kind.WEBHOOK_DROPPED:
        _keep(delivery, None, 0.0, kind)
        return None
    if rule and kind == Fault.Kind.WEBHOOK_REORDERED:
        _hold(delivery, rule.seconds)
        return None
    if rule and kind == Fault.Kind.WEBHOOK_DELAYED:
        time.sleep(rule.seconds)
    if kind == Fault.Kind.WEBHOOK_DOUBLED:
        _post(delivery, kind)
    status = _post(delivery, kind)
    for overtaken in _take_held(source):
        _post(overtaken, Fault.Kind.WEBHOOK_REORDERED)
    return status


def deliver_soon(source: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
    """The same from another thread, so that whoever caused the webhook does not wait for its receiver."""
    _pool.submit(_in_background, source, url, headers, body)


def _in_background(source: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
    try:
        deliver(source, url, headers, body)
    except Exception:
        logger.exception("The webhook of %s to %s failed", source, url)
        raise
    finally:
        connections.close_all()


def _post(delivery: Delivery, fault: str = "") -> int | None:
    began = time.monotonic()
    status = None
    try:
        answer = requests.post(delivery.url, data=delivery.body, headers=dict(delivery.headers), timeout=TIMEOUT)
        status = answer.status_code
    except requests.RequestException as error:
        logger.warning("No answer from %s: %s", delivery.url, error)
    _keep(delivery, status, (time.monotonic() - began) * 1000, fault)
    return status


def _keep(delivery: Delivery, status: int | None, milliseconds: float, fault: str) -> None:
    requestlog.keep(
        provider="webhook",
        method="POST",
        path=delivery.url,
        status=status,
        milliseconds=milliseconds,
        agent=delivery.source,
        fault=fault,
    )


def _hold(delivery: Delivery, seconds: float) -> None:
    """Keep it until the next one of its source has gone, at most `seconds`."""
    with _lock:
        _held.setdefault(delivery.source, []).append(delivery)
    waited = threading.Timer(seconds, _give_up_waiting, [delivery])
    waited.daemon = True
    waited.start()


def _give_up_waiting(delivery: Delivery) -> None:
    with _lock:
        waiting = _held.get(delivery.source, [])
        if delivery not in waiting:
            return
        waiting.remove(delivery)
    try:
        _post(delivery, Fault.Kind.WEBHOOK_REORDERED)
    finally:
        connections.close_all()


def _take_held(source: str) -> list[Delivery]:
    with _lock:
        return _held.pop(source, [])
