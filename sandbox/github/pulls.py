"""What happens to pull requests: opened, changed, reviewed, merged, closed. Webhooks and CI are told of each."""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from sandbox.github import access, checks, webhooks
from sandbox.github.git import history, objects, refs
from sandbox.github.git.objects import Signature
from sandbox.github.models import Pull, Repository, Review
from sandbox.github.payloads import pulls as payloads
from sandbox.github.refusals import Refused, custom, invalid
from sandbox.github.workflows import triggers
from sandbox.world.cast import Person

CI_ACTIONS = ("opened", "synchronize", "reopened")


@transaction.atomic
def create(repository: Repository, author: str, *, title: str, head: str, base: str, body: str | None) -> Pull:
    """Open a pull request. Raises Refused as GitHub does for branches that are not there, equal or taken."""
    owner, colon, branch = head.partition(":")
    head = branch if colon else head
    head_sha = refs.of(repository.path, f"refs/heads/{head}")
    base_sha = refs.of(repository.path, f"refs/heads/{base}")
    if head_sha is None or (colon and owner.lower() != repository.owner.lower()):
        raise invalid("PullRequest", "head", "invalid")
    if base_sha is None:
        raise invalid("PullRequest", "base", "invalid")
    if Pull.objects.filter(repository=repository, head=head, base=base, closed_at=None).exists():
        raise custom("PullRequest", f"A pull request already exists for {repository.owner}:{head}.")
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
    _happened(pull, "opened", author)
    return pull


@transaction.atomic
def close(pull: Pull, by: str) -> None:
    if pull.closed_at:
        return
    pull.closed_at = timezone.now()
    pull.save()
    _happened(pull, "closed", by)


@transaction.atomic
def reopen(pull: Pull, by: str) -> None:
    """Raises Refused when it was merged, its branch is gone or another one took its place."""
    if not pull.closed_at:
        return
    tip = refs.of(pull.repository.path, f"refs/heads/{pull.head}")
    if pull.merged_at or tip is None:
        raise invalid("PullRequest", "state", "invalid", "state cannot be changed.")
    if Pull.objects.filter(repository=pull.repository, head=pull.head, base=pull.base, closed_at=None).exists():
        raise custom("PullRequest", f"A pull request already exists for {pull.repository.owner}:{pull.head}.")
    pull.closed_at = None
    pull.head_sha = tip
    pull.save()
    _happened(pull, "reopened", by)


def head_moved(pull: Pull, before: str, after: str, by: str) -> None:
    pull.head_sha = after
    pull.base_sha = refs.of(pull.repository.path, f"refs/heads/{pull.base}") or pull.base_sha
    pull.save()
    _happened(pull, "synchronize", by, before=before, after=after)


def mark_merged(pull: Pull, commit: str, by: str) -> None:
    """Note that the base branch holds the pull request's commits now."""
    pull.closed_at = pull.merged_at = timezone.now()
    pull.merged_by = by
    pull.merge_commit = commit
    pull.save()
    _happened(pull, "closed", by)


def mergeability(pull: Pull) -> tuple[bool | None, str]:
    """GitHub's `mergeable` and `mergeable_state`: clean, dirty, behind, blocked, unstable or unknown."""
    if pull.closed_at:
        return None, "unknown"
    base = refs.of(pull.repository.path, f"refs/heads/{pull.base}")
    if base is None or history.merged_tree(pull.repository.path, base, pull.head_sha) is None:
        return False, "dirty"
    if behind(pull):
        return True, "behind"
    if missing(pull):
        return True, "blocked"
    return True, "unstable" if checks.state(pull.repository, pull.head_sha) in ("failure", "pending") else "clean"


def behind(pull: Pull) -> bool:
    """The base's rule wants all of the base in the pull request, and it is not there."""
    rule = pull.repository.protection_of(pull.base)
    base = refs.of(pull.repository.path, f"refs/heads/{pull.base}")
    return bool(rule and rule.strict and base) and not refs.contains(pull.repository.path, pull.head_sha, base or "")


def missing(pull: Pull) -> str | None:
    """What the base branch's rule still wants before a merge, as a sentence; None when nothing."""
    rule = pull.repository.protection_of(pull.base)
    if rule is None:
        return None
    approving = {one.author for one in latest_reviews(pull) if one.state == "APPROVED"}
    approving = {one for one in approving if access.allows(access.permission(one, pull.repository), "write")}
    if len(approving) < rule.required_reviews:
        wanted = rule.required_reviews
        verb = "review is" if wanted == 1 else "reviews are"
        return f"At least {wanted} approving {verb} required by reviewers with write access."
    passed = checks.passed(pull.repository, pull.head_sha)
    lacking = [name for name in rule.required_checks if name not in passed]
    if lacking:
        return f'Required status check "{lacking[0]}" is expected.'
    if behind(pull):
        return "Head branch is out of date. Review and try the merge again."
    return None


def latest_reviews(pull: Pull) -> list[Review]:
    """Everybody's last review that was more than a comment."""
    decided = pull.reviews.exclude(state="COMMENTED").order_by("pk")
    return list({one.author: one for one in decided}.values())


def review(pull: Pull, author: str, state: str, body: str) -> Review:
    """Raises Refused when somebody approves, or refuses, what is their own."""
    if pull.author == author and state != "COMMENTED":
        verb = "approve" if state == "APPROVED" else "request changes on"
        raise Refused(422, "Unprocessable Entity", [f"Can not {verb} your own pull request"])
    with transaction.atomic():
        made = Review.objects.create(pull=pull, author=author, state=state, body=body, commit=pull.head_sha)
        about = payloads.review(made) | {"state": state.lower()}
        webhooks.tell(
            pull.repository,
            "pull_request_review",
            "submitted",
            author,
            review=about,
            pull_request=payloads.simple(pull),
        )
    return made


def merge_commit(pull: Pull, by: Person) -> str:
    """The commit that merging makes, not yet on the base branch.

    Raises Refused: 405 when it cannot be merged or a rule forbids it, 409 when the base conflicts.
    """
    if pull.closed_at:
        raise Refused(405, "Pull Request is not mergeable")
    wants = missing(pull)
    rule = pull.repository.protection_of(pull.base)
    admin = access.permission(by.login, pull.repository) == "admin"
    if wants and not (admin and rule and not rule.enforce_admins):
        raise Refused(405, wants)
    path = pull.repository.path
    base = refs.of(path, f"refs/heads/{pull.base}")
    tree = history.merged_tree(path, base, pull.head_sha) if base else None
    if base is None or tree is None:
        raise Refused(405, "Pull Request is not mergeable")
    me = Signature(by.name, by.email, timezone.now())
    text = f"Merge pull request #{pull.number} from {pull.repository.owner}/{pull.head}\n\n{pull.title}"
    return objects.write_commit(path, tree, [base, pull.head_sha], text, me)


def update_commit(pull: Pull, by: Person) -> str:
    """The commit that brings the base branch into the pull request's, not yet on it. Raises Refused."""
    path = pull.repository.path
    base = refs.of(path, f"refs/heads/{pull.base}")
    if base is None or refs.contains(path, pull.head_sha, base):
        raise Refused(422, "There are no new commits on the base branch.")
    tree = history.merged_tree(path, base, pull.head_sha)
    if tree is None:
        raise Refused(422, "merge conflict between base and head")
    me = Signature(by.name, by.email, timezone.now())
    return objects.write_commit(path, tree, [pull.head_sha, base], f"Merge branch '{pull.base}' into {pull.head}", me)


def _happened(pull: Pull, action: str, by: str, **more: str) -> None:
    body = payloads.full(pull, None, "unknown")
    webhooks.tell(pull.repository, "pull_request", action, by, number=pull.number, pull_request=body, **more)
    if action in CI_ACTIONS:
        triggers.pull_request(pull, action, by)
