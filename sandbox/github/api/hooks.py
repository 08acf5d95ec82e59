"""Webhooks of a repository."""

from typing import Any

from django.db import transaction

from sandbox.github import access, webhooks
from sandbox.github.api.call import Call, Response
from sandbox.github.api.pagination import paginated
from sandbox.github.errors import ApiError, custom, invalid, not_found, required
from sandbox.github.models import Delivery, Hook
from sandbox.github.payloads import hooks as payloads


def _require_admin(call: Call) -> None:
    """GitHub hides webhooks from those who cannot manage them."""
    if not access.allows(call.level, "admin"):
        raise not_found()


def _hook(call: Call, number: int) -> Hook:
    _require_admin(call)
    return required(call.repository.hooks.filter(pk=number).first())


def listing(call: Call) -> Response:
    _require_admin(call)
    return paginated(call, call.repository.hooks.select_related("repository").order_by("pk"), payloads.hook)


def create(call: Call) -> Response:
    _require_admin(call)
    config = call.field("config", dict)
    if not str(config.get("url", "")).startswith(("http://", "https://")):
        raise invalid("Hook", "url", "missing_field" if "url" not in config else "invalid")
    if config.get("content_type") != "json":
        raise invalid("Hook", "content_type", "invalid", "The sandbox sends webhooks as JSON only.")
    events = call.field("events", list, ["push"])
    if call.repository.hooks.filter(url=config["url"], events=events).exists():
        raise custom("Hook", "Hook already exists on this repository")
    secret, active = str(config.get("secret", "")), call.field("active", bool, True)
    with transaction.atomic():
        hook = Hook.objects.create(
            repository=call.repository, url=config["url"], secret=secret, events=events, active=active
        )
        webhooks.ping(hook, call.account.login)
    return Response(payloads.hook(hook), 201)


def delete(call: Call, number: int) -> Response:
    _hook(call, number).delete()
    return Response(status=204)


def deliveries(call: Call, number: int) -> Response:
    sent = _hook(call, number).deliveries.exclude(sent_at=None).select_related("hook").order_by("-pk")
    return paginated(call, sent, payloads.delivery_item)


def _delivery(call: Call, number: int, delivery: int) -> Delivery:
    return required(_hook(call, number).deliveries.select_related("hook").filter(pk=delivery).first())


def delivery(call: Call, number: int, delivery: int) -> Any:
    return payloads.delivery(_delivery(call, number, delivery))


def redeliver(call: Call, number: int, delivery: int) -> Response:
    original = _delivery(call, number, delivery)
    if original.sent_at is None:
        raise ApiError(422, "The delivery has not been sent yet.")
    webhooks.redeliver(original)
    return Response({}, 202)
