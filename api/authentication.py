"""Who calls the API: the person of a bearer token."""

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from catalog.models import ApiToken, Person


class Bearer(HttpBearer):
    """A valid token; read-only tokens may only GET."""

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        api_token = ApiToken.find(token)
        if api_token is None:
            return None
        if request.method not in ("GET", "HEAD") and not api_token.writes:
            raise HttpError(403, "This token is read-only. Create one with write access.")
        return api_token.person


def person_of(request: HttpRequest) -> Person:
    person = getattr(request, "auth", None)
    assert isinstance(person, Person)
    return person
