"""What a request says: who sent it, and whether it wants a page or a fragment of it."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from catalog.models import Person


def person_of(request: HttpRequest) -> Person:
    """The signed-in person; the middleware lets nobody else through to these pages."""
    assert isinstance(request.user, Person)
    return request.user


def wants_fragment(request: HttpRequest) -> bool:
    """htmx requests a part of the page it shows."""
    return request.headers.get("HX-Request") == "true" and "HX-Boosted" not in request.headers


def is_current(request: HttpRequest, parameter: str, version: str) -> bool:
    """The page already shows this version."""
    return wants_fragment(request) and request.GET.get(parameter) == version


def platform_of(request: HttpRequest) -> Person:
    """The signed-in person, if they are on a platform team. Raises PermissionDenied."""
    person = person_of(request)
    if not person.is_platform:
        raise PermissionDenied("Only members of a platform team can open this page.")
    return person
