"""Opening, updating, reviewing, closing and reopening pull requests. Each change is sent to webhooks and the CI."""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from sandbox.github import webhooks
from sandbox.github.errors import ApiError, custom, invalid
from sandbox.github.git import refs
from sandbox.github.models import Pull, Repository, Review
from sandbox.github.payloads import pulls as payloads
from sandbox.github.workflows import triggers

LONGEST_BODY = 65_536
CI_ACTIONS = ("opened", "synchronize", "reopened")


@transaction.atomic
def create(repository: Repository, author: str, *, title: str, head: str, base: str, body: str | None) -> Pull:
    """Open a pull request.

    Raises ApiError, as GitHub does, when a branch does not exist, when there is nothing to merge, and when a pull
    request between these branches is already open.
    """
    owner, colon, branch = head.partition(":")
    head = branch if colon else head
    head_sha = refs.lookup(repository.path, f"refs/heads/{head}")
    base_sha = refs.lookup(repository.path, f"refs/heads/{base}")
    if head_sha is None or (colon and owner.lower() != repository.owner.lower()):
        raise invalid("PullRequest", "head", "invalid")
    if base_sha is None:
        raise invalid("PullRequest", "base", "invalid")
    if len(body or "") > LONGEST_BODY:
        raise custom("PullRequest", f"body is too long (maximum is {LONGEST_BODY} characters)")
    _check_not_open(repository, head, base)
    if refs.contains(repository.path, base_sha, head_sha):
        raise custom("PullRequest", f"No commits between {base} and {head}")
    last = repository.pulls.aggregate(last=Max("number"))["last"] or 0
    pull = Pull.objects.create(
        repository=repository,
        number=last + 1,
        title=title,
        body=body,
        author=author,
        head=head,
        base=base,
        head_sha=head_sha,
        base_sha=base_sha,
    )
    _announce(pull, "opened", author)
    return pull


def _check_not_open(repository: Repository, head: str, base: str) -> None:
    """Raises ApiError when a pull request between these branches is open."""
    if Pull.objects.filter(repository=repository, head=head, base=base, closed_at=None).exists():
        raise custom("PullRequest", f"A pull request already exists for {repository.owner}:{head}.")


@transaction.atomic
def close(pull: Pull, by: str) -> None:
    if pull.closed_at:
        return
    pull.closed_at = timezone.now()
    pull.save()
    _announce(pull, "closed", by)


@transaction.atomic
def reopen(pull: Pull, by: str) -> None:
    """Raises ApiError when it was merged, its branch was deleted or another one has been opened since."""
    if not pull.closed_at:
        return
    head_sha = refs.lookup(pull.repository.path, f"refs/heads/{pull.head}")
    if pull.merged_at or head_sha is None:
        raise invalid("PullRequest", "state", "invalid", "state cannot be changed.")
    _check_not_open(pull.repository, pull.head, pull.base)
    pull.closed_at = None
    pull.head_sha = head_sha
    pull.save()
    _announce(pull, "reopened", by)


def update_head(pull: Pull, before: str, after: str, by: str) -> None:
    pull.head_sha = after
    pull.base_sha = refs.lookup(pull.repository.path, f"refs/heads/{pull.base}") or pull.base_sha
    pull.save()
    _announce(pull, "synchronize", by, before=before, after=after)


def retarget(pull: Pull, base: str, by: str) -> None:
    """Merge it into another branch than before. Raises ApiError when there is no such branch, or another one into it."""
    sha = refs.lookup(pull.repository.path, f"refs/heads/{base}")
    if pull.merged_at or sha is None:
        raise invalid("PullRequest", "base", "invalid")
    _check_not_open(pull.repository, pull.head, base)
    before, pull.base, pull.base_sha = pull.base, base, sha
    pull.save()
    _announce(pull, "edited", by, changes={"base": {"ref": {"from": before}}})


def mark_merged(pull: Pull, commit: str, by: str) -> None:
    """Record that the base branch now contains the pull request's commits."""
    pull.closed_at = pull.merged_at = timezone.now()
    pull.merged_by = by
    pull.merge_commit = commit
    pull.save()
    _announce(pull, "closed", by)


def review(pull: Pull, author: str, state: str, body: str) -> Review:
    """Raises ApiError when the author approves, or requests changes on, their own pull request."""
    if pull.author == author and state != "COMMENTED":
        verb = "approve" if state == "APPROVED" else "request changes on"
        raise ApiError(422, "Unprocessable Entity", [f"Can not {verb} your own pull request"])
    with transaction.atomic():
        row = Review.objects.create(pull=pull, author=author, state=state, body=body, commit=pull.head_sha)
        webhooks.emit(
            pull.repository,
            "pull_request_review",
            "submitted",
            author,
            review=payloads.review(row) | {"state": state.lower()},
            pull_request=payloads.simple(pull),
        )
    return row


def _announce(pull: Pull, action: str, by: str, **more: object) -> None:
    payload = payloads.full(pull, None, "unknown")
    webhooks.emit(pull.repository, "pull_request", action, by, number=pull.number, pull_request=payload, **more)
    if action in CI_ACTIONS:
        triggers.pull_request(pull, action, by)
