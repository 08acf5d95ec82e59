"""`/pulls` with files, reviews and merging, and the conversation below `/issues/{number}`."""

from typing import Any

from django.db import transaction

from sandbox.github import access, pulls, pushes
from sandbox.github.api.door import Answer, Call
from sandbox.github.api.pages import page
from sandbox.github.git import history, objects
from sandbox.github.git.program import GitError
from sandbox.github.models import Comment, Pull
from sandbox.github.payloads import commits, people
from sandbox.github.payloads import pulls as payloads
from sandbox.github.refusals import Refused, invalid, not_found
from sandbox.world import cast

EVENTS = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
SORTS = {"created": "created_at", "updated": "updated_at", "popularity": "number", "long-running": "created_at"}
METHODS = ("merge", "squash")


def _pull(call: Call, number: int) -> Pull:
    found = Pull.objects.filter(repository=call.repository, number=number).select_related("repository").first()
    if found is None:
        raise not_found()
    return found


def _full(call: Call, pull: Pull) -> Any:
    return payloads.full(pull, *pulls.mergeability(pull), call.login)


def listing(call: Call) -> Answer:
    query = call.request.GET
    found = Pull.objects.filter(repository=call.repository).select_related("repository")
    state = query.get("state", "open")
    if state not in ("open", "closed", "all"):
        raise invalid("PullRequest", "state", "invalid")
    if state != "all":
        found = found.filter(closed_at__isnull=state == "open")
    if head := query.get("head"):
        found = found.filter(head=head.partition(":")[2] or head)
    if base := query.get("base"):
        found = found.filter(base=base)
    sort = query.get("sort", "created")
    usual = "desc" if sort == "created" else "asc"
    sign = "-" if query.get("direction", usual) == "desc" else ""
    ordered = found.order_by(f"{sign}{SORTS.get(sort, 'created_at')}", f"{sign}number")
    return page(call, ordered, lambda pull: payloads.simple(pull, call.login))


def create(call: Call) -> Answer:
    pull = pulls.create(
        call.repository,
        call.by.login,
        title=call.field("title"),
        head=call.field("head"),
        base=call.field("base"),
        body=call.field("body", (str, type(None)), None),
        draft=call.field("draft", bool, False),
    )
    return Answer(_full(call, pull), 201)


def show(call: Call, number: int) -> Any:
    return _full(call, _pull(call, number))


def change(call: Call, number: int) -> Any:
    pull = _pull(call, number)
    if call.by.login != pull.author:
        call.need("write")
    for name in ("title", "body"):
        if name in call.json:
            setattr(pull, name, call.field(name, (str, type(None))))
    pull.save()
    state = call.field("state", str, None)
    if state not in (None, "open", "closed"):
        raise invalid("PullRequest", "state", "invalid")
    if state == "closed":
        pulls.close(pull, call.by.login)
    if state == "open":
        pulls.reopen(pull, call.by.login)
    return _full(call, pull)


def commits_of(call: Call, number: int) -> Answer:
    pull = _pull(call, number)
    path = call.repository.path
    shas = list(reversed(history.log(path, pull.head_sha, f"^{pull.base_sha}")))
    return page(call, shas, lambda sha: commits.commit(call.repository, objects.commit(path, sha)))


def files(call: Call, number: int) -> Answer:
    pull = _pull(call, number)
    path = call.repository.path
    shared = history.merge_base(path, pull.base_sha, pull.head_sha) or history.EMPTY_TREE
    changed = history.changes(path, shared, pull.head_sha)
    return page(call, changed, lambda file: commits.difference(call.repository, pull.head_sha, file))


def is_merged(call: Call, number: int) -> Answer:
    if _pull(call, number).merged_at is None:
        raise not_found()
    return Answer(status=204)


def merge(call: Call, number: int) -> Any:
    call.need("write")
    pull = _pull(call, number)
    method = call.field("merge_method", str, "merge")
    if method not in METHODS:
        raise Refused(405, f"{method.capitalize()} merges are not allowed on this repository.")
    if call.field("sha", str, pull.head_sha) != pull.head_sha:
        raise Refused(409, "Head branch was modified. Review and try the merge again.")
    try:
        made = pushes.merge(
            pull,
            call.by,
            method=method,
            title=call.field("commit_title", str, ""),
            message=call.field("commit_message", str, ""),
        )
    except GitError as error:
        raise Refused(409, "Base branch was modified. Review and try the merge again.") from error
    return {"sha": made, "merged": True, "message": "Pull Request successfully merged"}


def reviews(call: Call, number: int) -> Answer:
    return page(call, _pull(call, number).reviews.select_related("pull__repository").order_by("pk"), payloads.review)


def review(call: Call, number: int) -> Any:
    pull = _pull(call, number)
    event = call.field("event")
    if event not in EVENTS:
        raise Refused(422, "Unprocessable Entity", ["Event is not one of APPROVE, REQUEST_CHANGES, COMMENT"])
    body = call.field("body", str, "")
    if event != "APPROVE" and not body:
        raise Refused(422, "Unprocessable Entity", ["Body can't be blank"])
    return payloads.review(pulls.review(pull, call.by.login, EVENTS[event], body))


def requested_reviewers(call: Call, number: int) -> Any:
    shown = payloads.simple(_pull(call, number))
    return {"users": shown["requested_reviewers"], "teams": shown["requested_teams"]}


def request_reviewers(call: Call, number: int) -> Answer:
    call.need("write")
    pull = _pull(call, number)
    logins, slugs = call.field("reviewers", list, []), call.field("team_reviewers", list, [])
    known = {team.slug for team in cast.TEAMS}
    may = [login for login in logins if access.allows(access.permission(login, call.repository), "read")]
    if len(may) < len(logins) or not known.issuperset(slugs) or any(people.person(login) is None for login in logins):
        said = "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the"
        raise Refused(422, f"{said} {call.repository.full_name} repository.")
    if pull.author in logins:
        raise Refused(422, "Review cannot be requested from pull request author.")
    pull.requested_reviewers = sorted({*pull.requested_reviewers, *logins})
    pull.requested_teams = sorted({*pull.requested_teams, *slugs})
    pull.save()
    return Answer(payloads.simple(pull, call.login), 201)


def comments(call: Call, number: int) -> Answer:
    return page(call, _pull(call, number).comments.select_related("pull__repository").order_by("pk"), payloads.comment)


def add_comment(call: Call, number: int) -> Answer:
    pull = _pull(call, number)
    body = call.field("body")
    if not body.strip():
        raise invalid("IssueComment", "body", "missing_field")
    return Answer(payloads.comment(Comment.objects.create(pull=pull, author=call.by.login, body=body)), 201)


def _comment(call: Call, number: int) -> Comment:
    mine = Comment.objects.filter(pk=number, pull__repository=call.repository)
    found = mine.select_related("pull__repository").first()
    if found is None:
        raise not_found()
    return found


def comment(call: Call, number: int) -> Any:
    return payloads.comment(_comment(call, number))


def change_comment(call: Call, number: int) -> Any:
    found = _comment(call, number)
    if found.author != call.by.login:
        call.need("write")
    found.body = call.field("body")
    found.save()
    return payloads.comment(found)


def delete_comment(call: Call, number: int) -> Answer:
    call.need("write")
    _comment(call, number).delete()
    return Answer(status=204)


def labels(call: Call, number: int) -> Answer:
    return page(call, _pull(call, number).labels, lambda name: payloads.label(call.repository, name))


def _names(call: Call) -> list[str]:
    asked = call.parsed if isinstance(call.parsed, list) else call.field("labels", list)
    return [item if isinstance(item, str) else str(item.get("name", "")) for item in asked]


def add_labels(call: Call, number: int) -> Any:
    return _label(call, number, lambda old, new: list(dict.fromkeys([*old, *new])))


def set_labels(call: Call, number: int) -> Any:
    return _label(call, number, lambda old, new: new)


def _label(call: Call, number: int, together: Any) -> Any:
    call.need("write")
    with transaction.atomic():
        pull = _pull(call, number)
        pull.labels = together(pull.labels, _names(call))
        pull.save()
    return [payloads.label(call.repository, name) for name in pull.labels]


def remove_label(call: Call, number: int, label: str) -> Any:
    call.need("write")
    pull = _pull(call, number)
    if label not in pull.labels:
        raise Refused(404, "Label does not exist")
    pull.labels = [name for name in pull.labels if name != label]
    pull.save()
    return [payloads.label(call.repository, name) for name in pull.labels]
