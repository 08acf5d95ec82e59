"""Webhooks and their deliveries."""

import json

from sandbox.github.formats import iso, repository_api
from sandbox.github.models import Delivery, Hook
from sandbox.github.payloads import JSON


def hook(hook: Hook) -> JSON:
    """`hook`."""
    url = repository_api(hook.repository, "hooks", hook.pk)
    config = {"url": hook.url, "content_type": "json", "insecure_ssl": "0"}
    last = hook.deliveries.filter(sent_at__isnull=False).order_by("-sent_at").first()
    code = last.status if last else None
    status = "unused" if last is None else "active" if code else "timeout"
    return {
        "type": "Repository",
        "id": hook.pk,
        "name": "web",
        "active": hook.active,
        "events": hook.events,
        "config": config | ({"secret": "********"} if hook.secret else {}),
        "updated_at": iso(hook.created_at),
        "created_at": iso(hook.created_at),
        "url": url,
        "ping_url": f"{url}/pings",
        "test_url": f"{url}/tests",
        "deliveries_url": f"{url}/deliveries",
        "last_response": {"code": code, "status": status, "message": None},
    }


def delivery_item(delivery: Delivery) -> JSON:
    """`hook-delivery-item`; GitHub reports a missing response as the status code 0."""
    succeeded = delivery.status is not None and delivery.status < 400
    return {
        "id": delivery.pk,
        "guid": str(delivery.guid),
        "delivered_at": iso(delivery.sent_at or delivery.created_at),
        "redelivery": delivery.redelivery,
        "duration": round(delivery.seconds, 2),
        "status": "OK"
        if succeeded
        else f"Invalid HTTP Response: {delivery.status}"
        if delivery.status
        else "timed out",
        "status_code": delivery.status or 0,
        "event": delivery.event,
        "action": delivery.action or None,
        "installation_id": None,
        "repository_id": delivery.hook.repository_id,
    }


def delivery(delivery: Delivery) -> JSON:
    """`hook-delivery`."""
    return delivery_item(delivery) | {
        "url": delivery.hook.url,
        "request": {"headers": delivery.headers, "payload": json.loads(bytes(delivery.payload))},
        "response": {"headers": {}, "payload": ""},
    }
