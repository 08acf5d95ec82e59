"""Pull requests, their reviews and their merging."""

from typing import Any

from sandbox.github import merging, pulls, pushes
from sandbox.github.api.call import Call, Response
from sandbox.github.api.pagination import paginated
from sandbox.github.errors import ApiError, invalid, required
from sandbox.github.git import history, objects
from sandbox.github.git.program import GitError
from sandbox.github.models import Pull
from sandbox.github.payloads import commits
from sandbox.github.payloads import pulls as payloads

EVENTS = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def _pull(call: Call, number: int) -> Pull:
    return required(call.repository.pulls.filter(number=number).select_related("repository").first())


def _full(call: Call, pull: Pull) -> Any:
    return payloads.full(pull, *merging.mergeability(pull), call.login)


def listing(call: Call) -> Response:
    """Newest first."""
    query = call.request.GET
    rows = Pull.objects.filter(repository=call.repository).select_related("repository")
    state = query.get("state", "open")
    if state not in ("open", "closed", "all"):
        raise invalid("PullRequest", "state", "invalid")
    if state != "all":
        rows = rows.filter(closed_at__isnull=state == "open")
    if head := query.get("head"):
        rows = rows.filter(head=head.partition(":")[2] or head)
    if base := query.get("base"):
        rows = rows.filter(base=base)
    return paginated(call, rows.order_by("-number"), lambda pull: payloads.simple(pull, call.login))


def create(call: Call) -> Response:
    pull = pulls.create(
        call.repository,
        call.account.login,
        title=call.field("title"),
        head=call.field("head"),
        base=call.field("base"),
        body=call.field("body", (str, type(None)), None),
    )
    return Response(_full(call, pull), 201)


def show(call: Call, number: int) -> Any:
    return _full(call, _pull(call, number))


def change(call: Call, number: int) -> Any:
    pull = _pull(call, number)
    if call.account.login != pull.author:
        call.require("write")
    for name in ("title", "body"):
        if name in call.json:
            setattr(pull, name, call.field(name, (str, type(None))))
    pull.save()
    if (base := call.field("base", str, pull.base)) != pull.base:
        pulls.retarget(pull, base, call.account.login)
    state = call.field("state", str, None)
    if state not in (None, "open", "closed"):
        raise invalid("PullRequest", "state", "invalid")
    if state == "closed":
        pulls.close(pull, call.account.login)
    if state == "open":
        pulls.reopen(pull, call.account.login)
    return _full(call, pull)


def commits_of(call: Call, number: int) -> Response:
    pull, path = _pull(call, number), call.repository.path
    shas = history.log(path, pull.head_sha, f"^{pull.base_sha}")[::-1]
    return paginated(call, shas, lambda sha: commits.commit(call.repository, objects.commit(path, sha)))


def merge(call: Call, number: int) -> Any:
    call.require("write")
    pull = _pull(call, number)
    if (method := call.field("merge_method", str, "merge")) not in merging.METHODS:
        raise ApiError(422, "Invalid request.\n\nInvalid value for merge_method.")
    if call.field("sha", str, pull.head_sha) != pull.head_sha:
        raise ApiError(409, "Head branch was modified. Review and try the merge again.")
    try:
        sha = pushes.merge(pull, call.account, method, call.field("commit_title", str, ""))
    except GitError as error:
        raise ApiError(409, "Base branch was modified. Review and try the merge again.") from error
    return {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}


def update_branch(call: Call, number: int) -> Response:
    call.require("write")
    pull = _pull(call, number)
    if call.field("expected_head_sha", str, pull.head_sha) != pull.head_sha:
        raise ApiError(422, "expected head sha didn’t match current head ref.")
    sha = merging.create_update_commit(pull, call.account)
    pushes.update(call.repository, f"{pushes.HEADS}{pull.head}", sha, pull.head_sha, call.account.login)
    return Response({"message": "Updating pull request branch.", "url": payloads.simple(pull)["url"]}, 202)


def reviews(call: Call, number: int) -> Response:
    return paginated(
        call, _pull(call, number).reviews.select_related("pull__repository").order_by("pk"), payloads.review
    )


def review(call: Call, number: int) -> Any:
    pull = _pull(call, number)
    event = call.field("event")
    if event not in EVENTS:
        raise ApiError(422, "Unprocessable Entity", ["Event is not one of APPROVE, REQUEST_CHANGES, COMMENT"])
    body = call.field("body", str, "")
    if event != "APPROVE" and not body:
        raise ApiError(422, "Unprocessable Entity", ["Body can't be blank"])
    return payloads.review(pulls.review(pull, call.account.login, EVENTS[event], body))
