"""Webhooks: written down in the transaction of what they tell, sent by threads behind it, never sent again by itself.

https://docs.github.com/webhooks/webhook-events-and-payloads
"""

import hashlib
import hmac
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections, transaction
from django.utils import timezone

from sandbox.github.models import Delivery, Hook, Repository
from sandbox.github.payloads import JSON, people, repositories
from sandbox.github.payloads import hooks as payloads
from sandbox.world.webhooks import deliver

logger = logging.getLogger(__name__)

SOURCE = "github"
AGENT = "GitHub-Hookshot/5a7d0be"
SENDERS = 4
_bell = threading.Event()


def tell(repository: Repository, event: str, action: str, sender: str, **body: object) -> None:
    """Write down one delivery for every hook of the repository that wants this event."""
    hooks = [hook for hook in repository.hooks.filter(active=True) if hook.wants(event)]
    payload = ({"action": action} if action else {}) | body
    for hook in hooks:
        _prepare(hook, event, payload, sender)


def ping(hook: Hook, sender: str) -> None:
    """What GitHub sends to a new hook."""
    payload = {"zen": "Keep it logically awesome.", "hook_id": hook.pk, "hook": payloads.hook(hook)}
    _prepare(hook, "ping", payload, sender)


def _prepare(hook: Hook, event: str, payload: JSON, sender: str) -> None:
    """Store a delivery with its headers; it is sent once the transaction is through."""
    guid = uuid.uuid4()
    about = {"repository": repositories.full(hook.repository), "sender": people.simple(sender)}
    body = json.dumps(payload | about, separators=(",", ":")).encode()
    headers = _headers(hook, event, str(guid), body)
    action = str(payload.get("action", ""))
    Delivery.objects.create(hook=hook, guid=guid, event=event, action=action, payload=body, headers=headers)
    transaction.on_commit(_bell.set)


def _headers(hook: Hook, event: str, guid: str, body: bytes) -> dict[str, str]:
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "X-GitHub-Delivery": guid,
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": str(hook.pk),
        "X-GitHub-Hook-Installation-Target-ID": str(hook.repository_id),
        "X-GitHub-Hook-Installation-Target-Type": "repository",
    }
    if hook.secret:
        for name, how in (("X-Hub-Signature", hashlib.sha1), ("X-Hub-Signature-256", hashlib.sha256)):
            made = hmac.new(hook.secret.encode(), body, how)
            headers[name] = f"{made.name.removeprefix('hmac-')}={made.hexdigest()}"
    return headers


def redeliver(old: Delivery) -> None:
    """Send the same again under the same delivery id, as a new entry of the list."""
    Delivery.objects.create(
        hook=old.hook,
        guid=old.guid,
        event=old.event,
        action=old.action,
        payload=old.payload,
        headers=old.headers,
        redelivery=True,
    )
    transaction.on_commit(_bell.set)


def send(number: int) -> None:
    """Send this delivery and note how it went."""
    try:
        one = Delivery.objects.select_related("hook").get(pk=number)
        began = time.monotonic()
        one.status = deliver(SOURCE, one.hook.url, one.headers, bytes(one.payload))
        one.seconds = time.monotonic() - began
        one.sent_at = timezone.now()
        one.save(update_fields=["status", "seconds", "sent_at"])
    except Exception:
        logger.exception("Delivery %s could not be sent", number)
        raise
    finally:
        connections.close_all()


def start() -> Callable[[], None]:
    """Send what waits, and what comes; returns what stops that."""
    stop = threading.Event()
    _bell.set()
    thread = threading.Thread(target=_work, args=(stop,), name="github-webhooks", daemon=True)
    thread.start()

    def close() -> None:
        stop.set()
        _bell.set()
        thread.join(timeout=2)

    return close


def _work(stop: threading.Event) -> None:
    pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="github-webhook")
    handed_out = 0
    while not stop.is_set():
        _bell.wait()
        _bell.clear()
        waiting = Delivery.objects.filter(sent_at=None, pk__gt=handed_out).order_by("pk")
        for number in waiting.values_list("pk", flat=True):
            pool.submit(send, number)
            handed_out = number
    pool.shutdown(wait=False, cancel_futures=True)
    connections.close_all()
