"""What comes in with a request, before any view: text that no row can hold, and bodies that do not arrive, get a sentence.

PostgreSQL holds no NUL (https://www.postgresql.org/docs/current/datatype-character.html). Broken UTF-8 in an address or
a form is replaced by Django; JSON is checked where it is parsed (`api.parser`).
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.template.loader import render_to_string

NUL = "The request contains a NUL character, which cannot be stored. Remove it and try again."
LATE = "The request did not arrive in time. Check your connection and try again."
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

View = Callable[..., HttpResponse]


class Inbound:
    """400 for a NUL in path, query, headers, cookies or form; 408 for a body that does not arrive."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if any("\x00" in text for text in _texts(request)):
            return refusal(request, NUL, 400)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, arguments: Any, keywords: dict[str, Any]
    ) -> HttpResponse | None:
        """Views without CSRF protection are for programs: they prove the sender before they read a body."""
        if getattr(view, "csrf_exempt", False) or request.content_type not in FORMS:
            return None
        try:
            unstorable = any("\x00" in text for text in _fields(request.POST))
        except UnreadablePostError:
            return refusal(request, LATE, 408)
        return refusal(request, NUL, 400) if unstorable else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return refusal(request, LATE, 408) if isinstance(error, UnreadablePostError) else None


def refusal(request: HttpRequest, sentence: str, status: int, **headers: str) -> HttpResponse:
    """The sentence as a problem of the API, a message to a program, or a page. A header's `_` becomes `-`."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if request.path_info.startswith("/api/"):
        kind = {400: "unreadable", 408: "unreadable", 429: "rate-limited"}[status]
        return JsonResponse({"kind": kind, "detail": sentence}, status=status, headers=sent)
    if request.path_info.startswith("/events/"):
        return JsonResponse({"message": sentence}, status=status, headers=sent)
    return HttpResponse(render_to_string("refused.html", {"sentence": sentence}), status=status, headers=sent)


def _texts(request: HttpRequest) -> Iterator[str]:
    yield request.path_info
    yield from _fields(request.GET)
    yield from (value for name, value in request.META.items() if name.startswith("HTTP_"))
    yield from (text for cookie in request.COOKIES.items() for text in cookie)


def _fields(fields: Any) -> Iterator[str]:
    """Every name and value of a query or a form."""
    for name, values in fields.lists():
        yield name
        yield from values
