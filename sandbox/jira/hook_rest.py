"""Registering webhooks: `/rest/webhooks/1.0/webhook`. https://developer.atlassian.com/server/jira/platform/webhooks/"""

from typing import Any

from django.http import HttpResponse, JsonResponse

from sandbox import settings
from sandbox.jira import jql
from sandbox.jira.access import Asked, Failure
from sandbox.jira.hooks import EVENTS
from sandbox.jira.models import Webhook

FILTER = "issue-related-events-section"


def _described(hook: Webhook) -> dict[str, Any]:
    return {
        "name": hook.name,
        "url": hook.url,
        "events": hook.events,
        "filters": {FILTER: hook.filter},
        "excludeBody": False,
        "enabled": hook.enabled,
        "self": f"{settings.BASE_URL}/jira/rest/webhooks/1.0/webhook/{hook.id}",
        "isSigned": bool(hook.secret),
    }


def _one(number: int) -> Webhook:
    hook = Webhook.objects.filter(id=number).first()
    if hook is None:
        raise Failure(404, "The webhook does not exist.")
    return hook


def _take(hook: Webhook, said: dict[str, Any]) -> Webhook:
    unknown = [event for event in said.get("events", hook.events) if event not in EVENTS]
    url = str(said.get("url", hook.url))
    if unknown or not url.startswith(("http://", "https://")) or not said.get("name", hook.name):
        raise Failure(400, f"Unknown events: {unknown}" if unknown else "A webhook needs a name and an http(s) URL.")
    hook.name, hook.url = str(said.get("name", hook.name)), url
    hook.events = said.get("events", hook.events)
    hook.filter = str((said.get("filters") or {}).get(FILTER, hook.filter))
    jql.parse(hook.filter)
    hook.secret = str(said.get("secret", hook.secret))
    hook.enabled = bool(said.get("enabled", hook.enabled))
    hook.save()
    return hook


def hooks(asked: Asked) -> HttpResponse:
    return JsonResponse([_described(one) for one in Webhook.objects.order_by("id")], safe=False)


def registered(asked: Asked) -> HttpResponse:
    return JsonResponse(_described(_take(Webhook(), asked.json)), status=201)


def hook(asked: Asked, number: int) -> HttpResponse:
    return JsonResponse(_described(_one(number)))


def changed(asked: Asked, number: int) -> HttpResponse:
    return JsonResponse(_described(_take(_one(number), asked.json)))


def removed(asked: Asked, number: int) -> HttpResponse:
    _one(number).delete()
    return HttpResponse(status=204)
