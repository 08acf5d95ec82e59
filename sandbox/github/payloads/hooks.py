"""Webhooks and their deliveries."""

import json

from sandbox.github.addresses import api_of, iso
from sandbox.github.models import Delivery, Hook
from sandbox.github.payloads import JSON


def hook(one: Hook) -> JSON:
    """`hook`."""
    url = api_of(one.repository, "hooks", one.pk)
    config = {"url": one.url, "content_type": "json", "insecure_ssl": "0"}
    last = one.deliveries.filter(sent_at__isnull=False).order_by("-sent_at").first()
    code = last.status if last else None
    status = "unused" if last is None else "active" if code else "timeout"
    return {
        "type": "Repository",
        "id": one.pk,
        "name": "web",
        "active": one.active,
        "events": one.events,
        "config": config | ({"secret": "********"} if one.secret else {}),
        "updated_at": iso(one.created_at),
        "created_at": iso(one.created_at),
        "url": url,
        "ping_url": f"{url}/pings",
        "test_url": f"{url}/tests",
        "deliveries_url": f"{url}/deliveries",
        "last_response": {"code": code, "status": status, "message": None},
    }


def delivery_item(one: Delivery) -> JSON:
    """`hook-delivery-item`; a status code of 0 is GitHub's for nobody answered."""
    good = one.status is not None and one.status < 400
    return {
        "id": one.pk,
        "guid": str(one.guid),
        "delivered_at": iso(one.sent_at or one.created_at),
        "redelivery": one.redelivery,
        "duration": round(one.seconds, 2),
        "status": "OK" if good else f"Invalid HTTP Response: {one.status}" if one.status else "timed out",
        "status_code": one.status or 0,
        "event": one.event,
        "action": one.action or None,
        "installation_id": None,
        "repository_id": one.hook.repository_id,
    }


def delivery(one: Delivery) -> JSON:
    """`hook-delivery`."""
    return delivery_item(one) | {
        "url": one.hook.url,
        "request": {"headers": one.headers, "payload": json.loads(bytes(one.payload))},
        "response": {"headers": {}, "payload": ""},
    }
