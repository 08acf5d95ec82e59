"""The addresses that tools send their webhooks to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from events import intake, notifier
from events.retention import BudgetUsedUp
from integrations.webhooks import BadSignature, UnknownSource

LARGE = 1_000_000
"""Bytes; a larger body takes one of few places, so that a process never holds many of them at once."""
_places = threading.BoundedSemaphore(2)
_BUSY_SECONDS = "10"
_FULL_SECONDS = "3600"


class Busy(Exception):
    """This process already reads as many large bodies as it may."""


@csrf_exempt  # proved by its signature
@require_POST
def webhook(request: HttpRequest, source: str) -> HttpResponse:
    """202 once stored (or stored before); 401 for a bad signature, 404 for a source that is not configured, 413 for a body
    without a length or beyond the limit, 503 where this process is busy or the source has used up its budget."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        intake.admit(source, headers)
        length = _length(headers)
        if length is None:
            return _answer(413, "The request needs a Content-Length of at most 25 MB.")
        with _place(length):
            delivery = intake.accept(source, headers, request.read(length))
    except BadSignature as error:
        return _answer(401, f"The signature does not match: {error}.")
    except UnknownSource:
        return _answer(404, f"No provider receives webhooks from {json.dumps(source)}.")
    except Busy:
        return _answer(503, "Too many large webhooks arrive at once. Send it again.", _BUSY_SECONDS)
    except BudgetUsedUp as error:
        return _answer(503, f"{error}. Older ones are removed after the retention; send it again later.", _FULL_SECONDS)
    if delivery is not None:
        notifier.notify(intake.QUEUE, delivery)
    return _answer(202, "Stored." if delivery is not None else "Already stored.")


def _length(headers: dict[str, str]) -> int | None:
    """None where the request does not say it, or says more than the limit."""
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdecimal() and int(length) <= intake.LIMIT else None


@contextmanager
def _place(length: int) -> Iterator[None]:
    """Raises Busy."""
    if length <= LARGE:
        yield
        return
    if not _places.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        _places.release()


def _answer(status: int, message: str, retry_after: str = "") -> JsonResponse:
    return JsonResponse(
        {"message": message}, status=status, headers={"Retry-After": retry_after} if retry_after else {}
    )
