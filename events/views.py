"""The doors for webhooks."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from events import bell, intake
from integrations.providers import NotConfigured
from integrations.webhooks import Forged


@csrf_exempt  # proved by its signature
@require_POST
def webhook(request: HttpRequest, source: str) -> HttpResponse:
    """202 once stored (or stored before), 401 for a wrong signature, 404 for a source that nobody set up."""
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > intake.LIMIT:
        return _says(413, "A body with a Content-Length of at most 25 MB is needed.")
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        delivery = intake.accept(source, headers, request.body)
    except Forged as error:
        return _says(401, f"The signature does not prove this delivery: {error}.")
    except (KeyError, NotConfigured):
        return _says(404, f"Nobody here listens to {json.dumps(source)}.")
    if delivery is not None:
        bell.ring("events", delivery)
    return _says(202, "Stored." if delivery is not None else "Stored before.")


def _says(status: int, words: str) -> JsonResponse:
    return JsonResponse({"says": words}, status=status)
