"""The list of repositories, a repository's page with its settings, and a commit's page."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from sandbox.github import access, pushes, repositories, viewer
from sandbox.github.git import history, objects, refs
from sandbox.github.models import Repository, WorkflowRun
from sandbox.github.pages.rendering import can_read, context, page, redirect_to
from sandbox.github.workflows.runs import FATES
from sandbox.world import cast

DEFAULT_BREAK_MESSAGE = "AssertionError: expected 200, got 500 (broken on purpose, from the sandbox's page)"


@page("GET", "HEAD")
def index(request: HttpRequest) -> HttpResponse:
    person = viewer.current(request)
    readable = [row for row in Repository.objects.order_by("owner", "name") if can_read(person, row)]
    runs = WorkflowRun.objects.select_related("repository", "workflow").order_by("-pk")[:10]
    return render(request, "github/index.html", context(request, repositories=readable, runs=runs, push=_push_hint()))


def _push_hint() -> str:
    address = settings.BASE_URL.replace("://", "://alice:alice@")
    return f"git push {address}/github/{cast.ORGANISATION}/my-service HEAD:main"


@page("POST")
def choose_person(request: HttpRequest) -> HttpResponse:
    """View the pages as another member of the cast."""
    person = cast.person(request.POST.get("login", ""))
    back = urlsplit(request.headers.get("Referer", "")).path
    response = HttpResponseRedirect(back if back.startswith("/github/") else "/github/")
    return viewer.remember(response, person.login) if person else response


@page("GET", "HEAD")
def show(request: HttpRequest, repository: Repository, branch: str = "") -> HttpResponse:
    branches = refs.all_refs(repository.path, pushes.HEADS)
    branch = branch or repository.default_branch
    tip = branches.get(f"{pushes.HEADS}{branch}")
    details = {
        "repository": repository,
        "branch": branch,
        "branches": {ref.removeprefix(pushes.HEADS): sha for ref, sha in branches.items()},
        "files": objects.entries(repository.path, tip, recursive=True)[:200] if tip else [],
        "pulls": repository.pulls.order_by("-number")[:20],
        "runs": repository.runs.select_related("repository", "workflow").order_by("-pk")[:20],
        "bot": cast.BOT,
        "bot_level": access.permission(cast.BOT, repository),
        "levels": access.LEVELS,
        "fates": FATES,
        "default_break_message": DEFAULT_BREAK_MESSAGE,
        "teams": repository.accesses.exclude(team=""),
    }
    return render(request, "github/repository.html", context(request, **details))


@page("POST")
def change_setting(request: HttpRequest, repository: Repository, setting: str) -> HttpResponse:
    """Handle the forms of a repository's page."""
    value, person = request.POST.get("value", "").strip(), viewer.current(request)
    match setting:
        case "break":
            repository.break_next = value or DEFAULT_BREAK_MESSAGE
        case "mend":
            repository.break_next = ""
        case "archive":
            repositories.change(repository, person.login, archived=not repository.archived)
        case "next-runs" if value in ("", *FATES):
            repository.next_runs = value
        case "private":
            repositories.change(repository, person.login, private=not repository.private)
        case "rename":
            repositories.rename(repository, value, person.login)
        case "transfer":
            repositories.transfer(repository, value, person.login)
        case "rename-branch":
            repositories.rename_branch(repository, repository.default_branch, value, person.login)
        case "delete":
            repositories.delete(repository)
            return HttpResponseRedirect("/github/")
        case "access" if value in access.LEVELS:
            access.grant(repository, value, login=cast.BOT)
        case _:
            raise Http404(setting)
    repository.save()
    return redirect_to(repository)


@page("GET", "HEAD")
def show_commit(request: HttpRequest, repository: Repository, sha: str) -> HttpResponse:
    resolved = refs.resolve(repository.path, sha)
    if resolved is None:
        raise Http404(sha)
    commit = objects.commit(repository.path, resolved)
    parent = commit.parents[0] if commit.parents else history.EMPTY_TREE
    patch = history.patch(repository.path, parent, commit.sha)
    return render(request, "github/commit.html", context(request, repository=repository, commit=commit, patch=patch))
