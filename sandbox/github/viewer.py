"""The person who views the sandbox's web pages, remembered in a cookie. It is not meant to protect anything."""

from django.http import HttpRequest, HttpResponse

from sandbox.world import cast
from sandbox.world.cast import Person

COOKIE = "sandbox_github_login"


def current(request: HttpRequest) -> Person:
    """The chosen member of the cast, or alice before one is chosen."""
    return cast.person(request.COOKIES.get(COOKIE, "")) or cast.PEOPLE[0]


def remember(response: HttpResponse, login: str) -> HttpResponse:
    response.set_cookie(COOKIE, login, samesite="Lax", httponly=True, path="/github/")
    return response
