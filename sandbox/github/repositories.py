"""Creating repositories and committing to them."""

import re
import shutil
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from sandbox.github import access, pulls, pushes, webhooks
from sandbox.github.errors import custom, invalid, required
from sandbox.github.git import objects, refs
from sandbox.github.git.objects import Change, Signature
from sandbox.github.git.program import NULL_SHA
from sandbox.github.models import FormerName, Repository
from sandbox.github.payloads import people
from sandbox.world import cast
from sandbox.world.cast import Person

NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
FIRST_COMMIT = "First commit"
REPORTED = {"archived": ("unarchived", "archived"), "private": ("publicized", "privatized")}
"""Setting → the actions of the `repository` event when it is switched off and on."""


def find(owner: str, name: str) -> Repository | None:
    """The repository of this name, case-insensitively, with or without `.git`."""
    return Repository.objects.filter(owner__iexact=owner, name__iexact=name.removesuffix(".git")).first()


def create(
    owner: str, name: str, *, description: str = "", private: bool = False, team: str | None = None
) -> Repository:
    """A new, empty repository. Raises ApiError when the name is taken or invalid."""
    if not NAME.fullmatch(name) or not NAME.fullmatch(owner):
        raise invalid("Repository", "name", "invalid", "name can only contain ASCII letters, digits, and ., -, _")
    if find(owner, name):
        raise custom("Repository", "name already exists on this account")
    with transaction.atomic():
        repository = Repository.objects.create(owner=owner, name=name, description=description, private=private)
        if team:
            access.grant(repository, "write", team=team)
        refs.create_repository(repository.path, repository.default_branch)
    return repository


def rename(repository: Repository, name: str, by: str) -> None:
    """Raises ApiError when the name is taken or invalid."""
    before = repository.name
    _move(repository, repository.owner, name)
    _report(repository, "renamed", by, {"repository": {"name": {"from": before}}})


def transfer(repository: Repository, owner: str, by: str) -> None:
    """To another account. The teams and people of the former one lose their access. Raises ApiError as `rename` does."""
    before = repository.owner
    _move(repository, owner, repository.name)
    repository.accesses.all().delete()
    access.grant(repository, "none" if repository.private else "read", login=cast.BOT)
    _report(repository, "transferred", by, {"owner": {"from": {"organization": people.simple(before)}}})


def _move(repository: Repository, owner: str, name: str) -> None:
    if not NAME.fullmatch(name) or not NAME.fullmatch(owner) or find(owner, name):
        raise custom("Repository", "name already exists on this account")
    repository.move(owner, name)


def delete(repository: Repository) -> None:
    """With everything in it. Its own webhooks do not report that: only those of an organisation do."""
    path = repository.path
    repository.delete()
    shutil.rmtree(path)


def change(repository: Repository, by: str, **changes: object) -> None:
    """Change settings and report those that GitHub reports."""
    before = {name: getattr(repository, name) for name in changes}
    for name, value in changes.items():
        setattr(repository, name, value)
    repository.save()
    for name, actions in REPORTED.items():
        if name in changes and changes[name] != before[name]:
            _report(repository, actions[bool(changes[name])], by)
    former = before.get("default_branch", repository.default_branch)
    if former != repository.default_branch:
        refs.set_default(repository.path, repository.default_branch)
        _report(repository, "edited", by, {"default_branch": {"from": former}})


def rename_branch(repository: Repository, branch: str, name: str, by: str) -> None:
    """Its open pull requests follow, and the default branch stays the default branch. Raises ApiError when the name is taken."""
    ref, new = f"{pushes.HEADS}{branch}", f"{pushes.HEADS}{name}"
    if refs.lookup(repository.path, new) or not refs.is_valid(repository.path, new):
        raise custom("Branch", f"{name} already exists or is not a valid name")
    sha = required(refs.lookup(repository.path, ref))
    with pushes.locks[repository.pk]:
        refs.update(repository.path, new, sha)
        change(
            repository, by, default_branch=name if repository.default_branch == branch else repository.default_branch
        )
        for pull in repository.pulls.filter(base=branch, closed_at=None):
            pulls.retarget(pull, name, by)
        repository.pulls.filter(head=branch, closed_at=None).update(head=name)
        refs.update(repository.path, ref, NULL_SHA, sha)
        repository.seen_refs = refs.all_refs(repository.path)  # a renamed branch starts no workflow
        repository.save()


def _report(repository: Repository, action: str, by: str, changes: object = None) -> None:
    webhooks.emit(repository, "repository", action, by, **({"changes": changes} if changes else {}))


def formerly(owner: str, name: str) -> Repository | None:
    """The repository that had this name, which no other has now."""
    former = FormerName.objects.filter(owner__iexact=owner, name__iexact=name).select_related("repository").first()
    return former.repository if former is not None and find(owner, name) is None else None


def ensure(sample: cast.Repository, files: Mapping[str, bytes]) -> None:
    """Create the sample with these files as its first commit, unless it exists. Safe to repeat.

    `files` maps paths to contents. A file whose content starts with `#!` becomes executable.
    """
    repository = find(cast.ORGANISATION, sample.name) or create(
        cast.ORGANISATION, sample.name, description=sample.description, private=sample.private, team=sample.team
    )
    refs.create_repository(repository.path, repository.default_branch)
    if refs.is_empty(repository.path):
        for login in sample.writers:
            access.grant(repository, "write", login=login)
        repository.archived = sample.archived
        repository.save()
        add_commit(repository, files, FIRST_COMMIT, _author(sample.team))


def _author(slug: str | None) -> Person:
    members = next((team.members for team in cast.TEAMS if team.slug == slug), ())
    return cast.person(members[0] if members else cast.BOT) or cast.PEOPLE[0]


def add_commit(
    repository: Repository, files: Mapping[str, bytes | None], message: str, by: Person, branch: str = ""
) -> str:
    """Commit these files to a branch and announce the push. Returns the commit's SHA.

    A file of None is deleted. Without `branch`, the commit goes to the default branch.
    """
    path = repository.path
    ref = f"refs/heads/{branch or repository.default_branch}"
    parent = refs.lookup(path, ref)
    changes = [
        Change(name, "100755" if (content or b"").startswith(b"#!") else "100644", _blob(repository, content))
        for name, content in files.items()
    ]
    tree = objects.write_tree(path, parent, changes)
    signature = Signature(by.name, by.email, timezone.now())
    sha = objects.write_commit(path, tree, [parent] if parent else [], message, signature)
    pushes.update(repository, ref, sha, parent or NULL_SHA, by.login)
    return sha


def _blob(repository: Repository, content: bytes | None) -> str | None:
    return None if content is None else objects.write_blob(repository.path, content)
