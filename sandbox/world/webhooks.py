"""Webhooks on their way out: posted, or dropped, doubled or delayed as a rule of misbehaviour says."""

import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import requests
from django.db import connections

from sandbox.world import requestlog, witness
from sandbox.world.models import Fault, fault_for

logger = logging.getLogger(__name__)

TIMEOUT = 10.0
_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="webhook")


def deliver(source: str, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
    """Post `body` to `url`, and return the HTTP status of the answer.

    None means that it was dropped, or that nobody answered. A delayed one makes the caller wait; `deliver_soon` does
    not.
    """
    witness.webhook(source, headers, body)
    rule = fault_for("POST", source, webhook=True)
    kind = rule.kind if rule else ""
    if rule and kind == Fault.Kind.WEBHOOK_DROPPED:
        _keep(source, url, None, 0.0, kind)
        return None
    if rule and kind == Fault.Kind.WEBHOOK_DELAYED:
        time.sleep(rule.seconds)
    if kind == Fault.Kind.WEBHOOK_DOUBLED:
        _post(source, url, headers, body, kind)
    return _post(source, url, headers, body, kind)


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


def _post(source: str, url: str, headers: Mapping[str, str], body: bytes, fault: str) -> int | None:
    began = time.monotonic()
    status = None
    try:
        status = requests.post(url, data=body, headers=dict(headers), timeout=TIMEOUT).status_code
    except requests.RequestException as error:
        logger.warning("No answer from %s: %s", url, error)
    _keep(source, url, status, (time.monotonic() - began) * 1000, fault)
    return status


def _keep(source: str, url: str, status: int | None, milliseconds: float, fault: str) -> None:
    about = {"method": "POST", "path": url, "agent": source, "fault": fault}
    requestlog.keep(provider="webhook", status=status, milliseconds=milliseconds, **about)
