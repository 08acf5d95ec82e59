"""The small pages: look at a repository, merge or close a pull request, read a log, break the next build."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sandbox.github import access, checks, pulls, pushes, repositories, signed_in
from sandbox.github.addresses import WEB
from sandbox.github.ci import logs
from sandbox.github.git import history, objects, refs
from sandbox.github.git.program import GitError
from sandbox.github.models import Job, Pull, Repository, WorkflowRun
from sandbox.github.payloads.runs import run_page
from sandbox.github.refusals import Refused
from sandbox.github.workflows import triggers
from sandbox.world import cast
from sandbox.world.cast import Person

USUAL_BREAK = "AssertionError: expected 200, got 500 (broken on purpose, from the sandbox's page)"
View = Callable[..., HttpResponse]


def page(*methods: str) -> Callable[[View], View]:
    """Refuses posts that come from a page elsewhere, and shows refusals as a page.

    A view below a repository's address is given the repository instead of its owner and name.
    """

    def decorate(view: View) -> View:
        def shown(request: HttpRequest, **captured: Any) -> HttpResponse:
            origin = request.headers.get("Origin")
            if request.method == "POST" and origin and origin != f"http://{request.get_host()}":
                return render(request, "github/refused.html", {"message": "That came from another site."}, status=403)
            if "owner" in captured:
                captured["found"] = _repository(request, captured.pop("owner"), captured.pop("name"))
            try:
                return view(request, **captured)
            except (Refused, GitError) as refused:
                context = {"message": str(refused), "back": request.headers.get("Referer", "/github/")}
                return render(request, "github/refused.html", context | {"errors": _errors(refused)}, status=422)

        return csrf_exempt(require_http_methods(methods)(shown))

    return decorate


def _errors(refused: Exception) -> list[str]:
    errors = (refused.errors or []) if isinstance(refused, Refused) else []
    return [str(one.get("message", one)) if isinstance(one, dict) else str(one) for one in errors]


def _repository(request: HttpRequest, owner: str, name: str) -> Repository:
    found = repositories.find(owner, name)
    if found is None or not _may_read(signed_in.person(request), found):
        raise Http404("no such repository, or none that you may see")
    return found


def _context(request: HttpRequest, **more: Any) -> dict[str, Any]:
    return {"me": signed_in.person(request), "people": cast.PEOPLE, "web": WEB, **more}


def _back(repository: Repository, *parts: str | int) -> HttpResponseRedirect:
    return HttpResponseRedirect("/".join([f"/github/{repository.full_name}", *map(str, parts)]))


@page("GET", "HEAD")
def index(request: HttpRequest) -> HttpResponse:
    me = signed_in.person(request)
    found = [one for one in Repository.objects.order_by("owner", "name") if _may_read(me, one)]
    runs = WorkflowRun.objects.select_related("repository", "workflow").order_by("-pk")[:10]
    return render(request, "github/index.html", _context(request, repositories=found, runs=runs, push=_push_hint()))


def _may_read(who: Person, repository: Repository) -> bool:
    return access.allows(access.permission(who.login, repository), "read")


def _push_hint() -> str:
    address = settings.BASE_URL.replace("://", "://alice:alice@")
    return f"git push {address}/github/{cast.ORGANISATION}/my-service HEAD:main"


@page("POST")
def person(request: HttpRequest) -> HttpResponse:
    """Look through somebody else's eyes."""
    chosen = cast.person(request.POST.get("login", ""))
    back = urlsplit(request.headers.get("Referer", "")).path
    response = HttpResponseRedirect(back if back.startswith("/github/") else "/github/")
    return signed_in.remember(response, chosen.login) if chosen else response


@page("GET", "HEAD")
def repository(request: HttpRequest, found: Repository, branch: str = "") -> HttpResponse:
    branches = refs.all_refs(found.path, pushes.HEADS)
    shown_branch = branch or found.default_branch
    tip = branches.get(f"{pushes.HEADS}{shown_branch}")
    shown = {
        "repository": found,
        "branch": shown_branch,
        "branches": {ref.removeprefix(pushes.HEADS): sha for ref, sha in branches.items()},
        "files": objects.entries(found.path, tip, recursive=True)[:200] if tip else [],
        "pulls": found.pulls.order_by("-number")[:20],
        "runs": found.runs.select_related("repository", "workflow").order_by("-pk")[:20],
        "bot": cast.BOT,
        "bot_may": access.permission(cast.BOT, found),
        "levels": access.LEVELS,
        "usual_break": USUAL_BREAK,
        "teams": found.accesses.exclude(team=""),
    }
    return render(request, "github/repository.html", _context(request, **shown))


@page("POST")
def settings_changed(request: HttpRequest, found: Repository, what: str) -> HttpResponse:
    """What the forms of a repository's page change."""
    value = request.POST.get("value", "")
    match what:
        case "break":
            found.break_next = value or USUAL_BREAK
        case "mend":
            found.break_next = ""
        case "archive":
            found.archived = not found.archived
        case "access" if value in access.LEVELS:
            access.grant(found, value, login=cast.BOT)
        case _:
            raise Http404(what)
    found.save()
    return _back(found)


def _pull(found: Repository, number: int) -> Pull:
    return get_object_or_404(Pull.objects.select_related("repository"), repository=found, number=number)


@page("GET", "HEAD")
def pull(request: HttpRequest, found: Repository, number: int) -> HttpResponse:
    one = _pull(found, number)
    shared = history.merge_base(found.path, one.base_sha, one.head_sha) or history.EMPTY_TREE
    shown = {
        "repository": found,
        "pull": one,
        "patch": history.patch(found.path, shared, one.head_sha),
        "checks": checks.of(found, one.head_sha),
        "runs": WorkflowRun.objects.filter(repository=found, head_sha=one.head_sha).select_related("workflow"),
        "reviews": one.reviews.order_by("pk"),
        "state": pulls.mergeability(one)[1],
        "missing": pulls.missing(one),
    }
    return render(request, "github/pull.html", _context(request, **shown))


@page("POST")
def pull_changed(request: HttpRequest, found: Repository, number: int, what: str) -> HttpResponse:
    """Merge, close, reopen or approve as the chosen person. Raises Refused as the API does."""
    one = _pull(found, number)
    by = cast.person(request.POST.get("login", "")) or signed_in.person(request)
    if not access.allows(access.permission(by.login, found), "write"):
        raise Refused(403, f"{by.name} may not write to {found.full_name}.")
    if found.archived:
        raise Refused(403, "Repository was archived so is read-only.")
    match what:
        case "merge":
            pushes.merge(one, by)
        case "close":
            pulls.close(one, by.login)
        case "reopen":
            pulls.reopen(one, by.login)
        case "approve":
            pulls.review(one, by.login, "APPROVED", "")
        case _:
            raise Http404(what)
    return _back(found, "pull", number)


def _run(found: Repository, number: int) -> WorkflowRun:
    runs = WorkflowRun.objects.select_related("repository", "workflow", "pull")
    return get_object_or_404(runs, repository=found, pk=number)


@page("GET", "HEAD")
def run(request: HttpRequest, found: Repository, number: int, job: int | None = None) -> HttpResponse:
    one = _run(found, number)
    jobs = Job.objects.filter(run=one, attempt=one.attempt).order_by("position")
    shown = [{"job": each, "steps": _steps(each), "open": _open(each, job)} for each in jobs]
    return render(request, "github/run.html", _context(request, repository=found, run=one, jobs=shown))


def _open(job: Job, wanted: int | None) -> bool:
    return job.pk == wanted or (wanted is None and job.conclusion not in ("success", "skipped"))


def _steps(job: Job) -> list[dict[str, Any]]:
    return [step | {"log": logs.step(job, step["number"])} for step in job.steps]


@page("POST")
def run_changed(request: HttpRequest, found: Repository, number: int, what: str) -> HttpResponse:
    one = _run(found, number)
    if what == "rerun" and one.status == "completed" and not one.message:
        with transaction.atomic():
            triggers.rerun(one)
    elif what == "cancel":
        triggers.cancel(one)
    return HttpResponseRedirect(run_page(one))


@page("GET", "HEAD")
def commit(request: HttpRequest, found: Repository, sha: str) -> HttpResponse:
    resolved = refs.resolve(found.path, sha)
    if resolved is None:
        raise Http404(sha)
    one = objects.commit(found.path, resolved)
    patch = history.patch(found.path, one.parents[0] if one.parents else history.EMPTY_TREE, one.sha)
    return render(request, "github/commit.html", _context(request, repository=found, commit=one, patch=patch))
