"""The consequences of a changed ref: pull requests are updated, webhooks sent and workflows started.

Git changes refs outside the database's transactions. A repository's `seen_refs` records the changes that have been
announced, so changes that a crash interrupted are announced at the next start.
"""

import threading
from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from sandbox.github import merging, pulls, webhooks
from sandbox.github.formats import compare_page
from sandbox.github.git import history, objects, refs
from sandbox.github.git.program import NULL_SHA
from sandbox.github.models import Pull, Repository
from sandbox.github.payloads import commits, people
from sandbox.github.workflows import triggers
from sandbox.world import cast
from sandbox.world.cast import Person

HEADS = "refs/heads/"
MAX_LISTED_COMMITS = 20  # GitHub lists up to 2,048; no reader of the sandbox needs more than the first few
locks: defaultdict[int, threading.RLock] = defaultdict(threading.RLock)
"""One lock per repository, so that two concurrent pushes do not announce each other's changes."""


def update(repository: Repository, ref: str, new: str, old: str, by: str) -> None:
    """Move a ref and announce the change. Raises GitError when the ref is no longer at `old`."""
    with locks[repository.pk]:
        refs.update(repository.path, ref, new, old)
        announce_changes(repository, by)


def announce_changes(repository: Repository, by: str) -> None:
    """Announce all ref changes that have not been announced yet."""
    with locks[repository.pk], transaction.atomic():
        repository.refresh_from_db()
        before, now = repository.seen_refs, refs.all_refs(repository.path)
        changed = [ref for ref in sorted({*before, *now}) if before.get(ref) != now.get(ref)]
        if not changed:
            return
        repository.seen_refs = now
        repository.pushed_at = timezone.now()
        _choose_default_branch(repository, now)
        repository.save()
        for ref in changed:
            _announce(repository, ref, before.get(ref, NULL_SHA), now.get(ref, NULL_SHA), by)


def announce_missed_changes() -> None:
    """Announce the pushes that were not announced before the previous process died."""
    for repository in Repository.objects.all():
        announce_changes(repository, cast.BOT)


def _choose_default_branch(repository: Repository, current: dict[str, str]) -> None:
    """The first branch of an empty repository becomes its default branch."""
    heads = [ref.removeprefix(HEADS) for ref in current if ref.startswith(HEADS)]
    if heads and repository.default_branch not in heads and not repository.pulls.exists():
        repository.default_branch = next((name for name in ("main", "master", "trunk") if name in heads), heads[0])
        refs.set_default(repository.path, repository.default_branch)


def _announce(repository: Repository, ref: str, before: str, after: str, by: str) -> None:
    _emit_push(repository, ref, before, after, by)
    if not ref.startswith(HEADS):
        return
    branch = ref.removeprefix(HEADS)
    open_pulls = Pull.objects.filter(repository=repository, closed_at=None).select_related("repository")
    for pull in open_pulls.filter(base=branch):
        if after != NULL_SHA and _contains_pull(repository, after, pull):
            pulls.mark_merged(pull, pull.merge_commit or after, pull.merged_by or by)
    for pull in open_pulls.filter(head=branch):
        if after == NULL_SHA:
            pulls.close(pull, by)
        elif pull.head_sha != after:
            pulls.update_head(pull, pull.head_sha, after, by)
    if after != NULL_SHA:
        triggers.push(repository, branch, before, after, by)


def _contains_pull(repository: Repository, tip: str, pull: Pull) -> bool:
    """Whether the branch now contains the pull request's head or its merge commit."""
    if refs.contains(repository.path, tip, pull.head_sha):
        return True
    return bool(pull.merge_commit) and refs.contains(repository.path, tip, pull.merge_commit)


def merge(pull: Pull, by: Person, method: str = "merge", title: str = "") -> str:
    """Merge a pull request into its base branch. Returns the commit. Raises ApiError like `create_merge_commit`.

    The commit is recorded before the branch moves. After a crash in between, the next start marks it as merged.
    """
    repository = pull.repository
    with locks[repository.pk]:
        old = refs.lookup(repository.path, f"{HEADS}{pull.base}") or NULL_SHA
        commit = merging.create_merge_commit(pull, by, method, title)
        pull.merge_commit, pull.merged_by = commit, by.login
        pull.save()
        update(repository, f"{HEADS}{pull.base}", commit, old, by.login)
    pull.refresh_from_db()
    return commit


def _emit_push(repository: Repository, ref: str, before: str, after: str, by: str) -> None:
    path = repository.path
    listed = []
    if after != NULL_SHA and objects.type_of(path, after) == "commit":
        excluded = [before] if before != NULL_SHA else _other_tips(repository, ref)
        shas = history.log(path, after, *(f"^{sha}" for sha in excluded), limit=MAX_LISTED_COMMITS)
        listed = [commits.pushed(repository, commit) for commit in objects.commits(path, reversed(shas))]
    head = commits.pushed(repository, objects.commit(path, after)) if listed else None
    account = people.person(by)
    forced = NULL_SHA not in (before, after) and not refs.contains(path, after, before)
    webhooks.emit(
        repository,
        "push",
        "",
        by,
        ref=ref,
        before=before,
        after=after,
        created=before == NULL_SHA,
        deleted=after == NULL_SHA,
        forced=forced,
        base_ref=None,
        compare=compare_page(repository, before[:12], after[:12]),
        commits=listed,
        head_commit=head,
        pusher={"name": by, "email": account.email if account else None},
    )


def _other_tips(repository: Repository, ref: str) -> list[str]:
    """The tips of the other branches: a new branch adds only the commits that none of them contains."""
    return [sha for name, sha in repository.seen_refs.items() if name != ref and name.startswith(HEADS)]
