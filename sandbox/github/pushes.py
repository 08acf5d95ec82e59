"""Changed refs, by whichever way: what they mean for pull requests, who is told, what the CI starts.

The git program changes refs outside any transaction of the store; `seen_refs` of a repository says which changes have
been told, so that those which a crash kept back are told at the next start.
"""

import threading
from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from sandbox.github import pulls, webhooks
from sandbox.github.addresses import compare_page
from sandbox.github.git import history, objects, refs
from sandbox.github.git.program import ZERO
from sandbox.github.models import Pull, Repository
from sandbox.github.payloads import commits, people
from sandbox.github.workflows import triggers
from sandbox.world import cast
from sandbox.world.cast import Person

HEADS = "refs/heads/"
MOST_COMMITS = 20  # GitHub lists up to 2,048; nobody here reads more than the first few
locks: defaultdict[int, threading.RLock] = defaultdict(threading.RLock)
"""One lock a repository, so that two pushes at once do not tell each other's changes."""


def update(repository: Repository, ref: str, new: str, old: str, by: str) -> None:
    """Move a ref and tell everybody. Raises GitError when it is no longer at `old`."""
    with locks[repository.pk]:
        refs.update(repository.path, ref, new, old)
        settle(repository, by)


def settle(repository: Repository, by: str) -> None:
    """Tell every change of a ref that was not told yet."""
    with locks[repository.pk], transaction.atomic():
        repository.refresh_from_db()
        before, now = repository.seen_refs, refs.all_refs(repository.path)
        changed = [ref for ref in sorted({*before, *now}) if before.get(ref) != now.get(ref)]
        if not changed:
            return
        repository.seen_refs = now
        repository.pushed_at = timezone.now()
        _choose_default(repository, now)
        repository.save()
        for ref in changed:
            _tell(repository, ref, before.get(ref, ZERO), now.get(ref, ZERO), by)


def settle_everything() -> None:
    """After a start: what was pushed but not told when the process died."""
    for repository in Repository.objects.all():
        settle(repository, cast.BOT)


def _choose_default(repository: Repository, now: dict[str, str]) -> None:
    """The first branch of an empty repository becomes its default one."""
    heads = [ref.removeprefix(HEADS) for ref in now if ref.startswith(HEADS)]
    if heads and repository.default_branch not in heads and not repository.pulls.exists():
        repository.default_branch = next((name for name in ("main", "master", "trunk") if name in heads), heads[0])
        refs.set_default(repository.path, repository.default_branch)


def _tell(repository: Repository, ref: str, before: str, after: str, by: str) -> None:
    _push_webhook(repository, ref, before, after, by)
    if not ref.startswith(HEADS):
        return
    branch = ref.removeprefix(HEADS)
    opened = Pull.objects.filter(repository=repository, closed_at=None).select_related("repository")
    for pull in opened.filter(base=branch):
        if after != ZERO and _holds(repository, after, pull):
            pulls.mark_merged(pull, pull.merge_commit or after, pull.merged_by or by)
    for pull in opened.filter(head=branch):
        if after == ZERO:
            pulls.close(pull, by)
        elif pull.head_sha != after:
            pulls.head_moved(pull, pull.head_sha, after, by)
    if after != ZERO:
        triggers.push(repository, branch, before, after, by)


def _holds(repository: Repository, tip: str, pull: Pull) -> bool:
    """Whether the branch now has the pull request's head, or the commit that was made to merge it."""
    if refs.contains(repository.path, tip, pull.head_sha):
        return True
    return bool(pull.merge_commit) and refs.contains(repository.path, tip, pull.merge_commit)


def merge(pull: Pull, by: Person) -> str:
    """Merge a pull request into its base branch; returns the commit. Raises Refused, see `pulls.merge_commit`.

    The commit is noted before the branch moves, so that after a crash in between the next start finds it merged.
    """
    repository = pull.repository
    with locks[repository.pk]:
        commit = pulls.merge_commit(pull, by)
        old = objects.commit(repository.path, commit).parents[0]
        pull.merge_commit, pull.merged_by = commit, by.login
        pull.save()
        update(repository, f"{HEADS}{pull.base}", commit, old, by.login)
    pull.refresh_from_db()
    return commit


def _push_webhook(repository: Repository, ref: str, before: str, after: str, by: str) -> None:
    path = repository.path
    listed = []
    if after != ZERO and objects.type_of(path, after) == "commit":
        known = [before] if before != ZERO else _others(repository, ref)
        new = history.log(path, after, *(f"^{sha}" for sha in known), limit=MOST_COMMITS)
        listed = [commits.pushed(repository, one) for one in objects.commits(path, reversed(new))]
    head = commits.pushed(repository, objects.commit(path, after)) if listed else None
    account = people.person(by)
    forced = ZERO not in (before, after) and not refs.contains(path, after, before)
    webhooks.tell(
        repository,
        "push",
        "",
        by,
        ref=ref,
        before=before,
        after=after,
        created=before == ZERO,
        deleted=after == ZERO,
        forced=forced,
        base_ref=None,
        compare=compare_page(repository, before[:12], after[:12]),
        commits=listed,
        head_commit=head,
        pusher={"name": by, "email": account.email if account else None},
    )


def _others(repository: Repository, ref: str) -> list[str]:
    """The tips of the other branches: a new branch brings only what none of them has."""
    return [sha for name, sha in repository.seen_refs.items() if name != ref and name.startswith(HEADS)]
