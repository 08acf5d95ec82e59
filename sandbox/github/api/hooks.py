"""Webhooks of a repository, and of the organisation."""

from typing import Any

from django.db import transaction

from sandbox.github import webhooks
from sandbox.github.api.door import Answer, Call
from sandbox.github.api.pages import page
from sandbox.github.models import Delivery, Hook
from sandbox.github.payloads import hooks as payloads
from sandbox.github.refusals import Refused, custom, invalid, not_found
from sandbox.world import cast


def _mine(call: Call, org: str | None) -> Any:
    """The hooks of the repository, or of the organisation, that this address is about."""
    if org is None:
        call.need("admin")
        return Hook.objects.filter(repository=call.repository).select_related("repository")
    if org.lower() != cast.ORGANISATION or not call.by.site_admin:
        raise not_found()
    return Hook.objects.filter(repository=None, organisation=cast.ORGANISATION)


def _hook(call: Call, number: int, org: str | None) -> Hook:
    found: Hook | None = _mine(call, org).filter(pk=number).first()
    if found is None:
        raise not_found()
    return found


def listing(call: Call, org: str | None = None) -> Answer:
    return page(call, _mine(call, org).order_by("pk"), payloads.hook)


def create(call: Call, org: str | None = None) -> Answer:
    others = _mine(call, org)
    config = call.field("config", dict)
    _checked(config)
    if call.field("name", str, "web") != "web":
        raise invalid("Hook", "name", "invalid")
    events = call.field("events", list, ["push"])
    if others.filter(url=config["url"], events=events).exists():
        raise custom("Hook", "Hook already exists on this repository")
    with transaction.atomic():
        made = Hook.objects.create(
            repository=None if org else call.repository,
            organisation=cast.ORGANISATION if org else "",
            url=config["url"],
            secret=str(config.get("secret", "")),
            content_type=str(config.get("content_type", "form")),
            events=events,
            active=call.field("active", bool, True),
        )
        webhooks.ping(made, call.by.login)
    return Answer(payloads.hook(made), 201)


def _checked(config: dict[str, Any]) -> None:
    if not str(config.get("url", "")).startswith(("http://", "https://")):
        raise invalid("Hook", "url", "missing_field" if "url" not in config else "invalid")
    if config.get("content_type", "form") not in ("json", "form"):
        raise invalid("Hook", "content_type", "invalid")


def show(call: Call, number: int, org: str | None = None) -> Any:
    return payloads.hook(_hook(call, number, org))


def change(call: Call, number: int, org: str | None = None) -> Any:
    hook = _hook(call, number, org)
    config = call.field("config", dict, {})
    if config:
        _checked({"url": hook.url, "content_type": hook.content_type} | config)
    hook.url = config.get("url", hook.url)
    hook.secret = config.get("secret", hook.secret)
    hook.content_type = config.get("content_type", hook.content_type)
    events = set(call.field("events", list, hook.events))
    hook.events = sorted(
        (events | set(call.field("add_events", list, []))) - set(call.field("remove_events", list, []))
    )
    hook.active = call.field("active", bool, hook.active)
    hook.save()
    return payloads.hook(hook)


def delete(call: Call, number: int, org: str | None = None) -> Answer:
    _hook(call, number, org).delete()
    return Answer(status=204)


def ping(call: Call, number: int, org: str | None = None) -> Answer:
    with transaction.atomic():
        webhooks.ping(_hook(call, number, org), call.by.login)
    return Answer(status=204)


def deliveries(call: Call, number: int, org: str | None = None) -> Answer:
    sent = _hook(call, number, org).deliveries.exclude(sent_at=None).select_related("hook").order_by("-pk")
    return page(call, sent, payloads.delivery_item)


def _delivery(call: Call, number: int, delivery: int, org: str | None) -> Delivery:
    found = _hook(call, number, org).deliveries.select_related("hook").filter(pk=delivery).first()
    if found is None:
        raise not_found()
    return found


def delivery(call: Call, number: int, delivery: int, org: str | None = None) -> Any:
    return payloads.delivery(_delivery(call, number, delivery, org))


def redeliver(call: Call, number: int, delivery: int, org: str | None = None) -> Answer:
    old = _delivery(call, number, delivery, org)
    if old.sent_at is None:
        raise Refused(422, "The delivery is still on its way.")
    webhooks.redeliver(old)
    return Answer({}, 202)
