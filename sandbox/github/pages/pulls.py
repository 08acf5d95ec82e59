"""A pull request's page, and the buttons that merge, approve, close or reopen it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from sandbox.github import access, checks, merging, pulls, pushes, viewer
from sandbox.github.errors import ApiError
from sandbox.github.git import history
from sandbox.github.models import Pull, Repository, WorkflowRun
from sandbox.github.pages.rendering import context, page, redirect_to
from sandbox.world import cast


def _pull(repository: Repository, number: int) -> Pull:
    return get_object_or_404(Pull.objects.select_related("repository"), repository=repository, number=number)


@page("GET", "HEAD")
def show(request: HttpRequest, repository: Repository, number: int) -> HttpResponse:
    pull = _pull(repository, number)
    ancestor = history.merge_base(repository.path, pull.base_sha, pull.head_sha) or history.EMPTY_TREE
    details = {
        "repository": repository,
        "pull": pull,
        "patch": history.patch(repository.path, ancestor, pull.head_sha),
        "checks": checks.latest(repository, pull.head_sha),
        "runs": WorkflowRun.objects.filter(repository=repository, head_sha=pull.head_sha).select_related("workflow"),
        "reviews": pull.reviews.order_by("pk"),
        "state": merging.mergeability(pull)[1],
        "requirement": merging.unmet_requirement(pull),
    }
    return render(request, "github/pull.html", context(request, **details))


@page("POST")
def act(request: HttpRequest, repository: Repository, number: int, action: str) -> HttpResponse:
    """Merge, close, reopen or approve as the chosen person. Raises ApiError as the API does."""
    pull = _pull(repository, number)
    person = cast.person(request.POST.get("login", "")) or viewer.current(request)
    if not access.allows(access.permission(person.login, repository), "write"):
        raise ApiError(403, f"{person.name} cannot write to {repository.full_name}.")
    if repository.archived:
        raise ApiError(403, "Repository was archived so is read-only.")
    match action:
        case "merge":
            pushes.merge(pull, person)
        case "close":
            pulls.close(pull, person.login)
        case "reopen":
            pulls.reopen(pull, person.login)
        case "approve":
            pulls.review(pull, person.login, "APPROVED", "")
        case _:
            raise Http404(action)
    return redirect_to(repository, "pull", number)
