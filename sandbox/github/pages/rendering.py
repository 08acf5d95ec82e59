"""Shared by the pages: the decorator of the views and the template context."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sandbox.github import access, repositories, viewer
from sandbox.github.errors import ApiError
from sandbox.github.formats import WEB
from sandbox.github.git.program import GitError
from sandbox.github.models import Repository
from sandbox.world import cast
from sandbox.world.cast import Person

View = Callable[..., HttpResponse]


def page(*methods: str) -> Callable[[View], View]:
    """Reject cross-site posts, and show ApiError and GitError as a page.

    A view below a repository's URL receives the repository instead of its owner and name.
    """

    def decorate(view: View) -> View:
        def wrapper(request: HttpRequest, **captured: Any) -> HttpResponse:
            origin = request.headers.get("Origin")
            if request.method == "POST" and origin and origin != f"http://{request.get_host()}":
                message = "This request came from another site."
                return render(request, "github/rejected.html", {"message": message}, status=403)
            if "owner" in captured:
                captured["repository"] = _repository(request, captured.pop("owner"), captured.pop("name"))
            try:
                return view(request, **captured)
            except (ApiError, GitError) as error:
                back = request.headers.get("Referer", "/github/")
                details = {"message": str(error), "back": back, "errors": _details(error)}
                return render(request, "github/rejected.html", details, status=422)

        return csrf_exempt(require_http_methods(methods)(wrapper))

    return decorate


def _details(error: Exception) -> list[str]:
    details = (error.errors or []) if isinstance(error, ApiError) else []
    return [str(detail.get("message", detail)) if isinstance(detail, dict) else str(detail) for detail in details]


def _repository(request: HttpRequest, owner: str, name: str) -> Repository:
    repository = repositories.find(owner, name)
    if repository is None or not can_read(viewer.current(request), repository):
        raise Http404("The repository does not exist, or you don't have access to it.")
    return repository


def can_read(person: Person, repository: Repository) -> bool:
    return access.allows(access.permission(person.login, repository), "read")


def context(request: HttpRequest, **more: Any) -> dict[str, Any]:
    return {"me": viewer.current(request), "people": cast.PEOPLE, "web": WEB, **more}


def redirect_to(repository: Repository, *parts: str | int) -> HttpResponseRedirect:
    return HttpResponseRedirect("/".join([f"/github/{repository.full_name}", *map(str, parts)]))
