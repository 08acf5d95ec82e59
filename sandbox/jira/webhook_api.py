"""The REST API to register webhooks. https://developer.atlassian.com/server/jira/platform/webhooks/"""

from typing import Any

from django.http import HttpResponse, JsonResponse

from sandbox import settings
from sandbox.jira.access import Call
from sandbox.jira.models import Webhook
from sandbox.jira.notifications import EVENTS
from sandbox.jira.refusals import Refused


def list_webhooks(call: Call) -> HttpResponse:
    return JsonResponse([_payload(hook) for hook in Webhook.objects.order_by("id")], safe=False)


def register(call: Call) -> HttpResponse:
    events, url, name = call.json.get("events", []), str(call.json.get("url", "")), call.json.get("name")
    unknown = [event for event in events if event not in EVENTS]
    if unknown:
        raise Refused(f"Unknown events: {unknown}", status=400)
    if not url.startswith(("http://", "https://")) or not name:
        raise Refused("A webhook needs a name and an http(s) URL.", status=400)
    hook = Webhook.objects.create(name=name, url=url, events=events, secret=call.json.get("secret", ""))
    return JsonResponse(_payload(hook), status=201)


def delete(call: Call, number: int) -> HttpResponse:
    if not Webhook.objects.filter(id=number).delete()[0]:
        raise Refused("The webhook does not exist.", status=404)
    return HttpResponse(status=204)


def _payload(hook: Webhook) -> dict[str, Any]:
    return {
        "name": hook.name,
        "url": hook.url,
        "events": hook.events,
        "enabled": True,
        "self": f"{settings.BASE_URL}/jira/rest/webhooks/1.0/webhook/{hook.id}",
    }
