"""Webhooks: written down in the transaction of what they tell, sent by threads behind it, never sent again by itself.

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
    made = Delivery.objects.create(hook=hook, guid=guid, event=event, action=action, payload=body, headers=headers)
    _soon(made.pk)


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


def redeliver(old: Delivery) -> None:
    """Send the same again under the same delivery id, as a new entry of the list."""
    made = Delivery.objects.create(
        hook=old.hook,
        guid=old.guid,
        event=old.event,
        action=old.action,
        payload=old.payload,
        headers=old.headers,
        redelivery=True,
    )
    _soon(made.pk)


def _soon(number: int) -> None:
    if settings.BACKGROUND:
        transaction.on_commit(lambda: soon(SOURCE, lambda: send(number), _pool))


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
    """Send what an earlier run of the sandbox left unsent; returns what stops the sending."""
    for number in Delivery.objects.filter(sent_at=None).order_by("pk").values_list("pk", flat=True):
        _pool.submit(send, number)
    return lambda: _pool.shutdown(wait=False, cancel_futures=True)
