"""Webhooks come in: verified over the raw bytes, stored once, answered, and only then understood."""

import logging
from collections.abc import Callable, Mapping
from typing import cast

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models.functions import Now

from events.models import Delivery, Event
from integrations import providers
from integrations.webhooks import SOURCES, Heard, Hears, Unreadable

logger = logging.getLogger(__name__)

Listener = Callable[[Heard], None]
_listeners: list[Listener] = []

LIMIT = 25 * 1024 * 1024
"""Bytes; what GitHub sends at most. Larger bodies are refused before they are read."""


def listen(listener: Listener) -> None:
    """`listener` is called for everything heard, after its event is stored. Registered at start-up."""
    _listeners.append(listener)


def hears(source: str) -> Hears:
    """The provider that understands this source's webhooks. Raises KeyError, NotConfigured."""
    return cast(Hears, providers.provider(SOURCES[source], source))


def accept(source: str, headers: Mapping[str, str], body: bytes) -> Delivery | None:
    """Store a delivery that proves itself; None where it was stored before. Raises Forged, KeyError, NotConfigured."""
    delivery_id = hears(source).verify(headers, body)
    kept = {
        name: value for name, value in headers.items() if name.startswith(("x-github-", "x-atlassian-", "content-type"))
    }
    row = Delivery(source=source, delivery_id=delivery_id[:120], headers=kept, body=body)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # the only constraint is that there is one of each
        return None
    return row


def handle(delivery_pk: int) -> bool:
    """Translate one delivery into events and tell the listeners; False where that was done already."""
    with transaction.atomic():
        if not Delivery.objects.filter(pk=delivery_pk, handled_at=None).update(handled_at=Now()):
            return False
        row = Delivery.objects.get(pk=delivery_pk)
        try:
            heard = _understood(row)
        except Unreadable as error:
            logger.warning("cannot read %s: %s", row, error)
            Delivery.objects.filter(pk=delivery_pk).update(problem=str(error).replace("\x00", ""))
            return True
        Event.objects.bulk_create(
            Event(type=one.type[:80], source=row.source, subject=one.subject[:200], data=one.data) for one in heard
        )
        for one in heard:
            for listener in _listeners:
                listener(one)
    return True


def _understood(row: Delivery) -> list[Heard]:
    """Raises Unreadable."""
    body = bytes(row.body)
    if b"\\u0000" in body:
        raise Unreadable("it holds a NUL, which no row can hold")
    return hears(row.source).translate(row.headers, body)


def catch_up(first: int) -> None:
    """Handle this delivery, and then whatever else waits, the oldest first: one ring is enough for them all.

    With a ring for each, a backlog fills the queue faster than it is emptied, until all rings in it are out of date.
    """
    for pk in (first, *unhandled()):
        try:
            handle(pk)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # one bad row never keeps back the others
            logger.exception("delivery %s could not be handled", pk)


def unhandled(limit: int = 200) -> list[int]:
    """Deliveries whose ring was lost."""
    return list(Delivery.objects.filter(handled_at=None).order_by("received_at").values_list("pk", flat=True)[:limit])
