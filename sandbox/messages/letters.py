"""The letters that arrived, as a page and as JSON."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from sandbox.messages.models import Letter

SHOWN = 200


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "messages/mailbox.html", {"letters": Letter.objects.all()[:SHOWN]})


@csrf_exempt
@require_http_methods(["GET", "DELETE"])
def messages(request: HttpRequest) -> JsonResponse:
    """Newest first; `?to=` for one recipient. DELETE empties the mailbox."""
    if request.method == "DELETE":
        Letter.objects.all().delete()
    wanted = request.GET.get("to", "")
    found = [one for one in Letter.objects.all()[:SHOWN] if not wanted or wanted in one.recipients]
    return JsonResponse({"messages": [_as_json(one) for one in found]})


def _as_json(one: Letter) -> dict[str, object]:
    return {
        "at": one.at.isoformat(),
        "from": one.sender,
        "to": one.recipients,
        "subject": one.subject,
        "message_id": one.message_id,
        "text": one.text,
    }
