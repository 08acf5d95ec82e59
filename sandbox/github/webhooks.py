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
from urllib.parse import urlencode

from django.db import connections, transaction
from django.db.models import Q
from django.utils import timezone

from sandbox.github.models import Delivery, Hook, Repository
from sandbox.github.payloads import JSON, people, repositories
from sandbox.github.payloads import hooks as payloads
from sandbox.world import cast
from sandbox.world.webhooks import deliver

logger = logging.getLogger(__name__)

SOURCE = "github"
AGENT = "GitHub-Hookshot/5a7d0be"
SENDERS = 4
_bell = threading.Event()


def tell(repository: Repository, event: str, action: str, sender: str, **body: object) -> None:
    """Write down one delivery for every hook of the repository, and of its organisation, that wants this event."""
    mine = Q(repository=repository) | Q(repository=None, organisation=repository.owner)
    hooks = [hook for hook in Hook.objects.filter(mine, active=True) if hook.wants(event)]
    if not hooks:
        return
    payload = ({"action": action} if action else {}) | body
    payload |= {"repository": repositories.whole(repository), "sender": people.simple(sender)}
    if repository.owner == cast.ORGANISATION:
        payload["organization"] = people.organisation()
    for hook in hooks:
        prepare(hook, event, payload)


def ping(hook: Hook, sender: str) -> None:
    """What GitHub sends to a new hook."""
    payload: JSON = {"zen": "Keep it logically awesome.", "hook_id": hook.pk, "hook": payloads.hook(hook)}
    if hook.repository:
        payload["repository"] = repositories.whole(hook.repository)
    if not hook.repository or hook.repository.owner == cast.ORGANISATION:
        payload["organization"] = people.organisation()
    prepare(hook, "ping", payload | {"sender": people.simple(sender)})


def prepare(hook: Hook, event: str, payload: JSON) -> Delivery:
    """Store a delivery with its headers; it is sent once the transaction is through."""
    guid = uuid.uuid4()
    body = json.dumps(payload, separators=(",", ":")).encode()
    if hook.content_type == "form":
        sent = urlencode({"payload": body.decode()}).encode()
        kind = "application/x-www-form-urlencoded"
    else:
        sent, kind = body, "application/json"
    made = Delivery.objects.create(
        hook=hook,
        guid=guid,
        event=event,
        action=str(payload.get("action", "")),
        payload=body,
        headers=_headers(hook, event, str(guid), sent, kind),
    )
    transaction.on_commit(_bell.set)
    return made


def _headers(hook: Hook, event: str, guid: str, body: bytes, kind: str) -> dict[str, str]:
    headers = {
        "Accept": "*/*",
        "Content-Type": kind,
        "User-Agent": AGENT,
        "X-GitHub-Delivery": guid,
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": str(hook.pk),
        "X-GitHub-Hook-Installation-Target-ID": str(hook.repository_id or people.ORGANISATION_NUMBER),
        "X-GitHub-Hook-Installation-Target-Type": "repository" if hook.repository_id else "organization",
    }
    if hook.secret:
        for name, how in (("X-Hub-Signature", hashlib.sha1), ("X-Hub-Signature-256", hashlib.sha256)):
            made = hmac.new(hook.secret.encode(), body, how)
            headers[name] = f"{made.name.removeprefix('hmac-')}={made.hexdigest()}"
    return headers


def redeliver(old: Delivery) -> Delivery:
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
    transaction.on_commit(_bell.set)
    return made


def send(number: int) -> None:
    """Send this delivery and note how it went."""
    try:
        one = Delivery.objects.select_related("hook").get(pk=number)
        body = bytes(one.payload)
        if one.hook.content_type == "form":
            body = urlencode({"payload": body.decode()}).encode()
        began = time.monotonic()
        one.status = deliver(SOURCE, one.hook.url, one.headers, body)
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
