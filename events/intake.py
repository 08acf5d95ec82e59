"""Webhooks come in: verified over the raw bytes, stored once, answered, and only then understood."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import cast

from django.db import transaction
from psycopg.types.json import Jsonb

from events import log, prepared
from events.models import Delivery
from integrations import providers
from integrations.webhooks import SOURCES, Heard, Hears, Unreadable

logger = logging.getLogger(__name__)

Listener = Callable[[Heard], None]
_listeners: list[Listener] = []

LIMIT = 25 * 1024 * 1024
"""Bytes; what GitHub sends at most. Larger bodies are refused before they are read."""

_STORE = """
INSERT INTO events_delivery (source, delivery_id, headers, body, received_at, problem)
VALUES (%(source)s, %(delivery)s, %(headers)s, %(body)s, statement_timestamp(), '')
ON CONFLICT (source, delivery_id) DO NOTHING RETURNING id
"""
_TAKE = """
UPDATE events_delivery SET handled_at = statement_timestamp() WHERE id = %(pk)s AND handled_at IS NULL
RETURNING source, headers, body
"""


def listen(listener: Listener) -> None:
    """`listener` is called for everything heard, after its event is stored. Registered at start-up."""
    _listeners.append(listener)


def hears(source: str) -> Hears:
    """The provider that understands this source's webhooks. Raises KeyError, NotConfigured."""
    return cast(Hears, providers.provider(SOURCES[source], source))


def accept(source: str, headers: Mapping[str, str], body: bytes) -> int | None:
    """Store a delivery that proves itself and return its key; None where it was stored before. Raises Forged, KeyError, NotConfigured."""
    delivery_id = hears(source).verify(headers, body)
    kept = {
        name: value for name, value in headers.items() if name.startswith(("x-github-", "x-atlassian-", "content-type"))
    }
    values = {"source": source, "delivery": delivery_id[:120], "headers": Jsonb(kept), "body": body}
    for (pk,) in prepared.rows(_STORE, values):
        return int(pk)
    return None


def handle(delivery_pk: int) -> bool:
    """Translate one delivery into events and tell the listeners; False where that was done already."""
    with transaction.atomic():
        for source, headers, body in prepared.rows(_TAKE, {"pk": delivery_pk}):
            try:
                heard = _understood(source, json.loads(headers), bytes(body))
            except Unreadable as error:
                logger.warning("cannot read delivery %s: %s", delivery_pk, error)
                Delivery.objects.filter(pk=delivery_pk).update(problem=str(error).replace("\x00", ""))
                return True
            log.append(source, [(one.type, one.subject, one.data) for one in heard])
            for one in heard:
                for listener in _listeners:
                    listener(one)
            return True
    return False


def _understood(source: str, headers: Mapping[str, str], body: bytes) -> list[Heard]:
    """Raises Unreadable."""
    if b"\\u0000" in body:
        raise Unreadable("it holds a NUL, which no row can hold")
    return hears(source).translate(headers, body)


def unhandled(limit: int = 200) -> list[int]:
    """Deliveries whose ring was lost."""
    return list(Delivery.objects.filter(handled_at=None).order_by("received_at").values_list("pk", flat=True)[:limit])
