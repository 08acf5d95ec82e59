"""Whether a pull request can be merged, and the commits that merge it or update its branch."""

from django.utils import timezone

from sandbox.github import access, checks
from sandbox.github.errors import ApiError
from sandbox.github.git import history, objects, refs
from sandbox.github.git.objects import Signature
from sandbox.github.models import Pull, Review
from sandbox.world.cast import Person

METHODS = ("merge", "squash", "rebase")


def mergeability(pull: Pull) -> tuple[bool | None, str]:
    """GitHub's `mergeable` and `mergeable_state`: clean, dirty, behind, blocked, unstable or unknown."""
    if pull.closed_at:
        return None, "unknown"
    base = _base_sha(pull)
    if base is None or history.merged_tree(pull.repository.path, base, pull.head_sha) is None:
        return False, "dirty"
    if is_behind(pull):
        return True, "behind"
    if unmet_requirement(pull):
        return True, "blocked"
    return True, "unstable" if checks.state(pull.repository, pull.head_sha) in ("failure", "pending") else "clean"


def _base_sha(pull: Pull) -> str | None:
    return refs.lookup(pull.repository.path, f"refs/heads/{pull.base}")


def is_behind(pull: Pull) -> bool:
    """Whether the base's rule requires an up-to-date branch and this one lacks commits of the base."""
    rule = pull.repository.protection_of(pull.base)
    base = _base_sha(pull)
    return bool(rule and rule.strict and base) and not refs.contains(pull.repository.path, pull.head_sha, base or "")


def unmet_requirement(pull: Pull) -> str | None:
    """The first requirement of the base branch's rule that is not met, as GitHub words it; None if all are met."""
    rule = pull.repository.protection_of(pull.base)
    if rule is None:
        return None
    approvers = {review.author for review in latest_reviews(pull) if review.state == "APPROVED"}
    approvers = {login for login in approvers if access.allows(access.permission(login, pull.repository), "write")}
    if len(approvers) < rule.required_reviews:
        verb = "review is" if rule.required_reviews == 1 else "reviews are"
        return f"At least {rule.required_reviews} approving {verb} required by reviewers with write access."
    passed = checks.passed(pull.repository, pull.head_sha)
    missing = [name for name in rule.required_checks if name not in passed]
    if missing:
        return f'Required status check "{missing[0]}" is expected.'
    if is_behind(pull):
        return "Head branch is out of date. Review and try the merge again."
    return None


def latest_reviews(pull: Pull) -> list[Review]:
    """The last review of each reviewer, comments aside."""
    decisions = pull.reviews.exclude(state="COMMENTED").order_by("pk")
    return list({review.author: review for review in decisions}.values())


def create_merge_commit(pull: Pull, by: Person, method: str = "merge", title: str = "") -> str:
    """The SHA of the last commit of a merge, not yet on the base branch: a merge commit, one commit with all changes, or a
    copy of each commit, by the method.

    Raises ApiError (405) when the pull request is closed or conflicts, or when a rule forbids the merge.
    """
    if pull.closed_at:
        raise ApiError(405, "Pull Request is not mergeable")
    requirement = unmet_requirement(pull)
    rule = pull.repository.protection_of(pull.base)
    is_admin = access.permission(by.login, pull.repository) == "admin"
    if requirement and not (is_admin and rule and not rule.enforce_admins):
        raise ApiError(405, requirement)
    path = pull.repository.path
    base = _base_sha(pull)
    tree = history.merged_tree(path, base, pull.head_sha) if base else None
    if base is None or tree is None:
        raise ApiError(405, "Pull Request is not mergeable")
    if method == "rebase":
        return _copies(pull, base, by)
    if method == "squash":
        return objects.write_commit(path, tree, [base], title or f"{pull.title} (#{pull.number})", _signature(by))
    message = f"Merge pull request #{pull.number} from {pull.repository.owner}/{pull.head}\n\n{pull.title}"
    return objects.write_commit(path, tree, [base, pull.head_sha], title or message, _signature(by))


def _copies(pull: Pull, base: str, by: Person) -> str:
    """The last copy of the pull request's commits, one on top of the other."""
    path, tip = pull.repository.path, base
    for sha in reversed(history.log(path, pull.head_sha, f"^{base}")):
        original = objects.commit(path, sha)
        if len(original.parents) > 1:
            continue
        tree = history.merged_tree(path, tip, sha)
        if tree is None:
            raise ApiError(405, "This branch can't be rebased")
        tip = objects.write_commit(path, tree, [tip], original.message, original.author, _signature(by))
    return tip


def create_update_commit(pull: Pull, by: Person) -> str:
    """The SHA of a commit that merges the base into the head branch and is not yet on it. Raises ApiError."""
    path = pull.repository.path
    base = _base_sha(pull)
    if base is None or refs.contains(path, pull.head_sha, base):
        raise ApiError(422, "There are no new commits on the base branch.")
    tree = history.merged_tree(path, base, pull.head_sha)
    if tree is None:
        raise ApiError(422, "merge conflict between base and head")
    message = f"Merge branch '{pull.base}' into {pull.head}"
    return objects.write_commit(path, tree, [pull.head_sha, base], message, _signature(by))


def _signature(person: Person) -> Signature:
    return Signature(person.name, person.email, timezone.now())
