"""Who looks at the small pages: a cookie that says which of the cast. It protects nothing and need not."""

from django.http import HttpRequest, HttpResponse

from sandbox.world import cast
from sandbox.world.cast import Person

COOKIE = "sandbox_github_login"


def person(request: HttpRequest) -> Person:
    """The chosen one of the cast; alice until somebody is chosen."""
    return cast.person(request.COOKIES.get(COOKIE, "")) or cast.PEOPLE[0]


def remember(response: HttpResponse, login: str) -> HttpResponse:
    response.set_cookie(COOKIE, login, samesite="Lax", httponly=True, path="/github/")
    return response
