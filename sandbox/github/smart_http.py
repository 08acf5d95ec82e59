"""Git over HTTP, by git's own `http-backend`. https://git-scm.com/docs/git-http-backend

A push to a repository that is not there makes it first and gives it to the pusher's first team; the program that
pushes is told so.
"""

import os
import shutil
import subprocess
import tempfile

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox.github import access, pushes, repositories
from sandbox.github.git import program, refs
from sandbox.github.identity import Who, given_token, identify
from sandbox.github.models import Repository
from sandbox.github.refusals import Refused
from sandbox.world import cast
from sandbox.world.cast import Person

PIECE = 1 << 16


@csrf_exempt
def serve(request: HttpRequest, owner: str, name: str, service: str) -> HttpResponse:
    """`info/refs`, `git-upload-pack` and `git-receive-pack` of one repository."""
    writes = service == "git-receive-pack" or request.GET.get("service") == "git-receive-pack"
    who = _who(request.headers.get("Authorization", ""))
    person = who.person
    if writes and person is None:
        return _ask_who("Authentication is needed to push.")
    repository = repositories.find(owner, name)
    if repository is None and writes and person and who.job_token is None:
        repository = _made(owner, name, person)
    level = who.level(repository, "contents") if repository else "none"
    if repository is None or level == "none":
        return _no(404, "Repository not found.") if person else _ask_who("Repository not found.")
    if writes and not access.allows(level, "write"):
        return _no(403, f"Permission to {repository.full_name}.git denied to {who.login}.")
    if writes and repository.archived:
        return _no(403, "This repository was archived so it is read-only.")
    if service == "git-receive-pack" and person:
        with pushes.locks[repository.pk]:
            response = _backend(request, repository, service, person)
            pushes.settle(repository, person.login)
        return response
    return _backend(request, repository, service, person)


def _who(header: str) -> Who:
    """The account of a token, or of a login with the login as the password."""
    token = given_token(header) or ""
    return identify(token) or Who(cast.person(token))


def _made(owner: str, name: str, by: Person) -> Repository | None:
    if owner.lower() != cast.ORGANISATION:
        return None
    teams = cast.teams_of(by.login)
    try:
        return repositories.create(owner.lower(), name.removesuffix(".git"), team=teams[0].slug if teams else None)
    except Refused:
        return None


def _ask_who(message: str) -> HttpResponse:
    return HttpResponse(message, status=401, headers={"WWW-Authenticate": 'Basic realm="GitHub"'})


def _no(status: int, message: str) -> HttpResponse:
    return HttpResponse(f"{message}\n", status=status, content_type="text/plain")


def _protected(repository: Repository, person: Person | None) -> str:
    """The branches that this person may not push to, each between spaces, for the `update` hook."""
    heads = refs.all_refs(repository.path, pushes.HEADS)
    closed = [ref for ref in heads if person and not access.may_bypass(person, repository, ref[len(pushes.HEADS) :])]
    return f" {' '.join(closed)} "


def _backend(request: HttpRequest, repository: Repository, service: str, person: Person | None) -> HttpResponse:
    environment = program.environment(
        {
            "GIT_PROJECT_ROOT": str(repository.path.parent),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{repository.path.name}/{service}",
            "REQUEST_METHOD": request.method or "GET",
            "QUERY_STRING": request.META.get("QUERY_STRING", ""),
            "CONTENT_TYPE": request.META.get("CONTENT_TYPE", ""),
            "CONTENT_LENGTH": request.META.get("CONTENT_LENGTH", "") or "0",
            "HTTP_CONTENT_ENCODING": request.META.get("HTTP_CONTENT_ENCODING", ""),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "REMOTE_USER": person.login if person else "",
            "REMOTE_ADDR": "127.0.0.1",
            "SANDBOX_PROTECTED": _protected(repository, person),
            "PATH": os.environ["PATH"],
        }
    )
    with tempfile.TemporaryFile() as body:
        shutil.copyfileobj(request, body, PIECE)
        body.seek(0)
        done = subprocess.run(["git", "http-backend"], env=environment, stdin=body, stdout=subprocess.PIPE, check=True)  # noqa: S607 - the git of this machine
    head, _, answer = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
    return HttpResponse(answer, status=int(headers.pop("Status", "200").split()[0]), headers=headers)
