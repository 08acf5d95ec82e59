"""The addresses that tools send their webhooks to."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from events import intake, notifier
from integrations.webhooks import BadSignature, UnknownSource


@csrf_exempt  # proved by its signature
@require_POST
def webhook(request: HttpRequest, source: str) -> HttpResponse:
    """202 once stored (or stored before), 401 for a bad signature, 404 for a source that is not configured."""
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > intake.LIMIT:
        return _answer(413, "The request needs a Content-Length of at most 25 MB.")
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        delivery = intake.accept(source, headers, request.body)
    except BadSignature as error:
        return _answer(401, f"The signature does not match: {error}.")
    except UnknownSource:
        return _answer(404, f"No provider receives webhooks from {json.dumps(source)}.")
    if delivery is not None:
        notifier.notify(intake.QUEUE, delivery)
    return _answer(202, "Stored." if delivery is not None else "Already stored.")


def _answer(status: int, message: str) -> JsonResponse:
    return JsonResponse({"message": message}, status=status)
