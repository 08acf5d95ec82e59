"""What a request says: who asks, and whether it wants a page or a fragment of it."""

from django.http import HttpRequest

from catalog.models import Person


def person_of(request: HttpRequest) -> Person:
    """Whoever is signed in; the middleware lets nobody else through to these pages."""
    assert isinstance(request.user, Person)
    return request.user


def wants_fragment(request: HttpRequest) -> bool:
    """Asked by htmx for a part of the page it shows."""
    return request.headers.get("HX-Request") == "true" and "HX-Boosted" not in request.headers


def is_quiet(request: HttpRequest, name: str, known: str) -> bool:
    """The page shows this version already."""
    return wants_fragment(request) and request.GET.get(name) == known
