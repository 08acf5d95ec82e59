"""What a request says: who asks, and whether it wants a page or a fragment of it."""

from django.core.exceptions import PermissionDenied
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


def platform_of(request: HttpRequest) -> Person:
    """Whoever asks, if they are on a platform team. Raises PermissionDenied, naming the right."""
    person = person_of(request)
    if not person.is_platform:
        raise PermissionDenied("This is for platform teams: it needs membership of one.")
    return person
