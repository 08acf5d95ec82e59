"""The emails that arrived, as a page and as JSON."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from sandbox.messages.models import Letter

LIMIT = 200


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "messages/mailbox.html", {"letters": Letter.objects.all()[:LIMIT]})


@csrf_exempt
@require_http_methods(["GET", "DELETE"])
def messages(request: HttpRequest) -> JsonResponse:
    """Newest first; `?to=` selects one recipient. DELETE empties the mailbox."""
    if request.method == "DELETE":
        Letter.objects.all().delete()
    recipient = request.GET.get("to", "")
    letters = [letter for letter in Letter.objects.all()[:LIMIT] if not recipient or recipient in letter.recipients]
    return JsonResponse({"messages": [_payload(letter) for letter in letters]})


def _payload(letter: Letter) -> dict[str, object]:
    return {
        "at": letter.at.isoformat(),
        "from": letter.sender,
        "to": letter.recipients,
        "subject": letter.subject,
        "message_id": letter.message_id,
        "text": letter.text,
    }
