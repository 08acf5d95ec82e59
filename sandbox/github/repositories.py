"""Repositories come into being, also with their first content."""

import re
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from sandbox.github import access, pushes
from sandbox.github.git import objects, refs
from sandbox.github.git.objects import Change, Signature
from sandbox.github.git.program import ZERO
from sandbox.github.models import Repository
from sandbox.github.refusals import custom, invalid
from sandbox.world import cast
from sandbox.world.cast import Person

NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
FIRST_COMMIT = "First commit"


def find(owner: str, name: str) -> Repository | None:
    """The repository of this name in any case, with or without `.git`."""
    return Repository.objects.filter(owner__iexact=owner, name__iexact=name.removesuffix(".git")).first()


def create(
    owner: str, name: str, *, description: str = "", private: bool = False, team: str | None = None
) -> Repository:
    """A new, empty repository. Raises Refused for a name that is taken or impossible."""
    if not NAME.fullmatch(name) or not NAME.fullmatch(owner):
        raise invalid("Repository", "name", "invalid", "name can only contain ASCII letters, digits, and ., -, _")
    if find(owner, name):
        raise custom("Repository", "name already exists on this account")
    with transaction.atomic():
        made = Repository.objects.create(owner=owner, name=name, description=description, private=private)
        if team:
            access.grant(made, "write", team=team)
        refs.create_repository(made.path, made.default_branch)
    return made


def ensure(sample: cast.Repository, files: Mapping[str, bytes]) -> None:
    """Make the sample with these files as its first commit where it is not there yet. Safe to repeat.

    `files` maps paths to contents; one whose content starts with `#!` becomes executable.
    """
    made = find(cast.ORGANISATION, sample.name) or create(
        cast.ORGANISATION, sample.name, description=sample.description, private=sample.private, team=sample.team
    )
    refs.create_repository(made.path, made.default_branch)
    if refs.is_empty(made.path):
        for login in sample.writers:
            access.grant(made, "write", login=login)
        made.archived = sample.archived
        made.save()
        add_commit(made, files, FIRST_COMMIT, _author(sample.team))


def _author(team: str | None) -> Person:
    members = next((one.members for one in cast.TEAMS if one.slug == team), ())
    return cast.person(members[0] if members else cast.BOT) or cast.PEOPLE[0]


def add_commit(
    repository: Repository, files: Mapping[str, bytes | None], message: str, by: Person, branch: str = ""
) -> str:
    """Commit these files (None takes one away) on a branch, by default the default one, and tell everybody."""
    path = repository.path
    ref = f"refs/heads/{branch or repository.default_branch}"
    parent = refs.of(path, ref)
    changes = [
        Change(name, "100755" if (content or b"").startswith(b"#!") else "100644", _blob(repository, content))
        for name, content in files.items()
    ]
    tree = objects.write_tree(path, parent, changes)
    me = Signature(by.name, by.email, timezone.now())
    sha = objects.write_commit(path, tree, [parent] if parent else [], message, me)
    pushes.update(repository, ref, sha, parent or ZERO, by.login)
    return sha


def _blob(repository: Repository, content: bytes | None) -> str | None:
    return None if content is None else objects.write_blob(repository.path, content)
