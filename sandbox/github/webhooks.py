"""Webhooks: stored in the transaction of the change that they report, sent by background threads, never retried.

https://docs.github.com/webhooks/webhook-events-and-payloads
"""

import hashlib
import hmac
import json
import logging
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from sandbox.github.models import Delivery, Hook, Repository
from sandbox.github.payloads import JSON, people, repositories
from sandbox.github.payloads import hooks as payloads
from sandbox.world.webhooks import deliver, soon

logger = logging.getLogger(__name__)

SOURCE = "github"
AGENT = "GitHub-Hookshot/5a7d0be"
SENDERS = 4
_pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="github-webhook")


def emit(repository: Repository, event: str, action: str, sender: str, **body: object) -> None:
    """Store one delivery for each hook of the repository that subscribes to this event."""
    hooks = [hook for hook in repository.hooks.filter(active=True) if hook.subscribes_to(event)]
    payload = ({"action": action} if action else {}) | body
    for hook in hooks:
        _store(hook, event, payload, sender)


def ping(hook: Hook, sender: str) -> None:
    """The event that GitHub sends to a new hook."""
    payload = {"zen": "Keep it logically awesome.", "hook_id": hook.pk, "hook": payloads.hook(hook)}
    _store(hook, "ping", payload, sender)


def _store(hook: Hook, event: str, payload: JSON, sender: str) -> None:
    """Store a delivery with its headers. It is sent once the transaction is committed."""
    guid = uuid.uuid4()
    context = {"repository": repositories.full(hook.repository), "sender": people.simple(sender)}
    body = json.dumps(payload | context, separators=(",", ":")).encode()
    headers = _headers(hook, event, str(guid), body)
    action = str(payload.get("action", ""))
    delivery = Delivery.objects.create(hook=hook, guid=guid, event=event, action=action, payload=body, headers=headers)
    _schedule(delivery.pk)


def _headers(hook: Hook, event: str, guid: str, body: bytes) -> dict[str, str]:
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "X-GitHub-Delivery": guid,
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": str(hook.pk),
    }
    if hook.secret:
        headers["X-Hub-Signature-256"] = f"sha256={hmac.new(hook.secret.encode(), body, hashlib.sha256).hexdigest()}"
    return headers


def redeliver(original: Delivery) -> None:
    """Send the same delivery again, under the same GUID and as a new row."""
    delivery = Delivery.objects.create(
        hook=original.hook,
        guid=original.guid,
        event=original.event,
        action=original.action,
        payload=original.payload,
        headers=original.headers,
        redelivery=True,
    )
    _schedule(delivery.pk)


def _schedule(delivery_id: int) -> None:
    if settings.BACKGROUND:
        transaction.on_commit(lambda: soon(SOURCE, lambda: send(delivery_id), _pool))


def send(delivery_id: int) -> None:
    """Send this delivery and record the result."""
    try:
        delivery = Delivery.objects.select_related("hook").get(pk=delivery_id)
        began = time.monotonic()
        delivery.status = deliver(SOURCE, delivery.hook.url, delivery.headers, bytes(delivery.payload))
        delivery.seconds = time.monotonic() - began
        delivery.sent_at = timezone.now()
        delivery.save(update_fields=["status", "seconds", "sent_at"])
    except Exception:
        logger.exception("Delivery %s could not be sent", delivery_id)
        raise
    finally:
        connections.close_all()


def start() -> Callable[[], None]:
    """Send the deliveries that an earlier process left unsent. Returns a function that stops the senders."""
    for delivery_id in Delivery.objects.filter(sent_at=None).order_by("pk").values_list("pk", flat=True):
        _pool.submit(send, delivery_id)
    return lambda: _pool.shutdown(wait=False, cancel_futures=True)
