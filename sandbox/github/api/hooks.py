"""Webhooks of a repository."""

from typing import Any

from django.db import transaction

from sandbox.github import webhooks
from sandbox.github.api.door import Answer, Call
from sandbox.github.api.pages import page
from sandbox.github.models import Delivery, Hook
from sandbox.github.payloads import hooks as payloads
from sandbox.github.refusals import Refused, custom, found, invalid


def _hook(call: Call, number: int) -> Hook:
    call.need("admin")
    return found(call.repository.hooks.filter(pk=number).first())


def listing(call: Call) -> Answer:
    call.need("admin")
    return page(call, call.repository.hooks.select_related("repository").order_by("pk"), payloads.hook)


def create(call: Call) -> Answer:
    call.need("admin")
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
        made = Hook.objects.create(
            repository=call.repository, url=config["url"], secret=secret, events=events, active=active
        )
        webhooks.ping(made, call.by.login)
    return Answer(payloads.hook(made), 201)


def delete(call: Call, number: int) -> Answer:
    _hook(call, number).delete()
    return Answer(status=204)


def deliveries(call: Call, number: int) -> Answer:
    sent = _hook(call, number).deliveries.exclude(sent_at=None).select_related("hook").order_by("-pk")
    return page(call, sent, payloads.delivery_item)


def _delivery(call: Call, number: int, delivery: int) -> Delivery:
    return found(_hook(call, number).deliveries.select_related("hook").filter(pk=delivery).first())


def delivery(call: Call, number: int, delivery: int) -> Any:
    return payloads.delivery(_delivery(call, number, delivery))


def redeliver(call: Call, number: int, delivery: int) -> Answer:
    old = _delivery(call, number, delivery)
    if old.sent_at is None:
        raise Refused(422, "The delivery is still on its way.")
    webhooks.redeliver(old)
    return Answer({}, 202)
