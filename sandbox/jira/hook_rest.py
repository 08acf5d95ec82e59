"""Registering webhooks: `/rest/webhooks/1.0/webhook`. https://developer.atlassian.com/server/jira/platform/webhooks/"""

from typing import Any

from django.http import HttpResponse, JsonResponse

from sandbox import settings
from sandbox.jira.access import Asked
from sandbox.jira.hooks import EVENTS
from sandbox.jira.models import Webhook
from sandbox.jira.refusals import Refused


def _described(hook: Webhook) -> dict[str, Any]:
    return {
        "name": hook.name,
        "url": hook.url,
        "events": hook.events,
        "enabled": True,
        "self": f"{settings.BASE_URL}/jira/rest/webhooks/1.0/webhook/{hook.id}",
        "isSigned": bool(hook.secret),
    }


def hooks(asked: Asked) -> HttpResponse:
    return JsonResponse([_described(one) for one in Webhook.objects.order_by("id")], safe=False)


def registered(asked: Asked) -> HttpResponse:
    said = asked.json
    events, url = said.get("events", []), str(said.get("url", ""))
    unknown = [event for event in events if event not in EVENTS]
    if unknown or not url.startswith(("http://", "https://")) or not said.get("name"):
        raise Refused(
            f"Unknown events: {unknown}" if unknown else "A webhook needs a name and an http(s) URL.", status=400
        )
    hook = Webhook.objects.create(name=said["name"], url=url, events=events, secret=said.get("secret", ""))
    return JsonResponse(_described(hook), status=201)


def removed(asked: Asked, number: int) -> HttpResponse:
    if not Webhook.objects.filter(id=number).delete()[0]:
        raise Refused("The webhook does not exist.", status=404)
    return HttpResponse(status=204)
