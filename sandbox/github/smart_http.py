"""Git over HTTP, served by git's own `http-backend`. https://git-scm.com/docs/git-http-backend

A push to a repository that does not exist creates it first and gives it to the pusher's first team.
"""

import os
import shutil
import subprocess
import tempfile

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox.github import access, pushes, repositories
from sandbox.github.errors import ApiError
from sandbox.github.git import program, refs
from sandbox.github.identity import Caller, identify, token_from_header
from sandbox.github.models import Repository
from sandbox.world import cast
from sandbox.world.cast import Person

CHUNK_BYTES = 1 << 16


@csrf_exempt
def serve(request: HttpRequest, owner: str, name: str, service: str) -> HttpResponse:
    """`info/refs`, `git-upload-pack` and `git-receive-pack` of one repository."""
    is_push = service == "git-receive-pack" or request.GET.get("service") == "git-receive-pack"
    caller = _caller(request.headers.get("Authorization", ""))
    person = caller.person
    if is_push and person is None:
        return _unauthorized("Authentication is needed to push.")
    repository = repositories.find(owner, name)
    if repository is None and is_push and person and caller.job_token is None:
        repository = _create(owner, name, person)
    level = caller.permission(repository, "contents") if repository else "none"
    if repository is None or level == "none":
        return _refuse(404, "Repository not found.") if person else _unauthorized("Repository not found.")
    if is_push and not access.allows(level, "write"):
        return _refuse(403, f"Permission to {repository.full_name}.git denied to {caller.login}.")
    if is_push and repository.archived:
        return _refuse(403, "This repository was archived so it is read-only.")
    if service == "git-receive-pack" and person:
        with pushes.locks[repository.pk]:
            response = _run_backend(request, repository, service, person)
            pushes.announce_changes(repository, person.login)
        return response
    return _run_backend(request, repository, service, person)


def _caller(header: str) -> Caller:
    """The owner of the token. The password can also be the login itself."""
    token = token_from_header(header) or ""
    return identify(token) or Caller(cast.person(token))


def _create(owner: str, name: str, by: Person) -> Repository | None:
    if owner.lower() != cast.ORGANISATION:
        return None
    teams = cast.teams_of(by.login)
    try:
        return repositories.create(owner.lower(), name.removesuffix(".git"), team=teams[0].slug if teams else None)
    except ApiError:
        return None


def _unauthorized(message: str) -> HttpResponse:
    return HttpResponse(message, status=401, headers={"WWW-Authenticate": 'Basic realm="GitHub"'})


def _refuse(status: int, message: str) -> HttpResponse:
    return HttpResponse(f"{message}\n", status=status, content_type="text/plain")


def _protected_refs(repository: Repository, person: Person | None) -> str:
    """The refs that this person cannot push to, each between spaces, for the `update` hook."""
    heads = refs.all_refs(repository.path, pushes.HEADS)
    protected = [
        ref
        for ref in heads
        if person and not access.can_bypass_protection(person, repository, ref.removeprefix(pushes.HEADS))
    ]
    return f" {' '.join(protected)} "


def _run_backend(request: HttpRequest, repository: Repository, service: str, person: Person | None) -> HttpResponse:
    with tempfile.TemporaryFile() as body:
        shutil.copyfileobj(request, body, CHUNK_BYTES)
        body.seek(0)
        environment = _cgi_environment(request, repository, service, person)
        process = subprocess.run(
            ["git", "http-backend"],  # noqa: S607 - the git of this machine
            env=environment,
            stdin=body,
            stdout=subprocess.PIPE,
            check=True,
        )
    head, _, content = process.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
    return HttpResponse(content, status=int(headers.pop("Status", "200").split()[0]), headers=headers)


def _cgi_environment(
    request: HttpRequest, repository: Repository, service: str, person: Person | None
) -> dict[str, str]:
    return program.environment(
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
            "SANDBOX_PROTECTED": _protected_refs(repository, person),
            "PATH": os.environ["PATH"],
        }
    )
