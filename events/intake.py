"""Webhooks: verified over the raw bytes, stored once, answered, and translated only afterwards."""

import hashlib
import json
import logging
import zlib
from collections.abc import Callable, Mapping

from django.db import InterfaceError, OperationalError, transaction
from psycopg.types.json import Jsonb

from database import prepared
from database.storable import storable
from events import log, retention
from events.models import WebhookDelivery
from events.retention import BudgetUsedUp
from integrations import webhooks
from integrations.webhooks import Unreadable, WebhookEvent

logger = logging.getLogger(__name__)

QUEUE = "events"
"""The queue of deliveries that wait to be handled."""
TASK = "events.handle"

Listener = Callable[[WebhookEvent], None]
_listeners: list[Listener] = []

LIMIT = 25 * 1024 * 1024
"""Bytes; larger bodies are refused before they are read. No provider of ours sends more."""

_STORE = prepared.load(__package__, "store_delivery")
_TAKE = prepared.load(__package__, "take_delivery")


def on_event(listener: Listener) -> None:
    """`listener` is called for every webhook event, after it is stored. Registered at start-up."""
    _listeners.append(listener)


def accept(source: str, headers: Mapping[str, str], body: bytes) -> int | None:
    """Store a delivery that proves itself and return its key; None where its content was stored before.

    Raises BadSignature, UnknownSource where no configured provider receives this source's webhooks, and BudgetUsedUp.
    """
    receiver = webhooks.receiver(source)
    delivery_id = receiver.verify(headers, body)
    kept = {name: value for name, value in headers.items() if name.startswith(("content-type", *receiver.kept_headers))}
    parameters = {"source": source, "delivery": delivery_id[:120], "headers": Jsonb(kept)}
    try:
        return _store(source, parameters, body)
    except BudgetUsedUp:
        retention.note_refusal(source)
        raise


def _store(source: str, parameters: dict[str, object], body: bytes) -> int | None:
    """The signed bytes decide what is the same delivery. Raises BudgetUsedUp, and then stores nothing."""
    packed = zlib.compress(body)
    content = {"digest": hashlib.sha256(body).hexdigest(), "body": packed}
    with transaction.atomic():
        for (row_id,) in prepared.execute(_STORE, parameters | content):
            retention.spend(source, len(packed))
            return int(row_id)
    return None


def admit(source: str, headers: Mapping[str, str]) -> None:
    """Raises UnknownSource, or BadSignature for headers that no delivery of this source has: its body is not read."""
    webhooks.receiver(source).admit(headers)


def handle(row_id: int) -> bool:
    """Translate one delivery into events and tell the listeners; False where that was already done."""
    with transaction.atomic():
        for source, headers, body in prepared.execute(_TAKE, {"id": row_id}):
            try:
                events = _translate(source, json.loads(headers), zlib.decompress(body))
            except Unreadable as error:
                logger.warning("cannot read delivery %s: %s", row_id, error)
                WebhookDelivery.objects.filter(pk=row_id).update(problem=str(error).replace("\x00", ""))
                return True
            log.append(source, [(event.type, event.subject, event.data) for event in events])
            for event in events:
                for listener in _listeners:
                    listener(event)
            return True
    return False


def _translate(source: str, headers: Mapping[str, str], body: bytes) -> list[WebhookEvent]:
    """Raises Unreadable."""
    events = webhooks.receiver(source).translate(headers, body)
    texts = (str(text) for event in events for text in (event.type, event.subject, event.topic, *event.data.values()))
    if any(storable(text) != text for text in texts):
        raise Unreadable("it holds a NUL, which no row can hold")
    return events


def catch_up(first: int) -> None:
    """Handle this delivery, then whatever else waits, the oldest first: one notification is enough for all of them.

    With one for each, a backlog fills the queue faster than it is emptied, until all notifications in it are out of date.
    """
    for row_id in (first, *unhandled()):
        try:
            handle(row_id)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # one bad row never holds back the others
            logger.exception("delivery %s could not be handled", row_id)


def unhandled(limit: int = 200) -> list[int]:
    """Keys of deliveries whose notification was lost, the oldest first."""
    rows = WebhookDelivery.objects.filter(handled_at=None).order_by("received_at")
    return list(rows.values_list("pk", flat=True)[:limit])
