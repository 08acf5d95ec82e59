"""Capability *source*: the host of the repositories."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from integrations.providers import Capability, Provider

SUBMODULE = "a submodule"


@dataclass(frozen=True)
class RepositoryFacts:
    """A repository as its host reports it. `id` stays when it is renamed or transferred, `owner_id` when its owner is renamed;
    `default_branch` is empty if there is none."""

    id: str
    owner_id: str
    full_name: str
    url: str
    default_branch: str
    private: bool
    archived: bool
    writable: bool


@dataclass(frozen=True)
class Head:
    """The tip of a branch."""

    commit: str
    tree: str
    protected: bool


@dataclass(frozen=True)
class Entry:
    """A file of a tree; `size` in bytes."""

    path: str
    blob: str
    size: int


@dataclass(frozen=True)
class Tree:
    """All files at a commit; `truncated` if the host listed only some of them. `special` has the paths of what is neither a file
    nor a folder, with what it is."""

    entries: tuple[Entry, ...]
    truncated: bool
    special: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Folder:
    """The direct contents of one folder: its files, and the names of its folders with the ids of their trees."""

    entries: tuple[Entry, ...]
    folders: dict[str, str]
    special: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Pull:
    """A pull request. `base` is the branch that it is to be merged into, `repository` the one of that branch, without our
    rights in it. `merge_commit` is the commit on the base, once merged.

    `behind`: a rule of the base requires the whole base in the branch before a merge. `conflicts`: the branch
    conflicts with its base, which the host computes with a delay. `blocked`: a rule of the base forbids the merge for now.
    """

    number: int
    url: str
    head: str
    open: bool
    merged: bool
    merge_commit: str
    branch: str
    base: str
    repository: RepositoryFacts
    body: str
    behind: bool = False
    conflicts: bool = False
    blocked: bool = False


@dataclass(frozen=True)
class NewFile:
    path: str
    text: str


@dataclass(frozen=True)
class SourceTeam:
    """A team of an organisation. `id` stays when it is renamed; a slug that became free can be taken by another team.

    `members` is login → id of the account.
    """

    id: str
    slug: str
    name: str
    members: Mapping[str, str] = field(default_factory=dict)


class SourceReader(Provider, Protocol):
    """The part that planning uses. Every method raises IntegrationError."""

    @property
    def web_url(self) -> str:
        """The address that people paste, without a trailing slash."""
        ...

    @property
    def codeowners_paths(self) -> tuple[str, ...]:
        """The possible paths of a CODEOWNERS file; the first that exists counts."""
        ...

    def repository(self, full_name: str) -> RepositoryFacts: ...
    def repository_by_id(self, id: str) -> RepositoryFacts:
        """Under whatever name it has now. Raises Missing where it was deleted, or is hidden from us."""
        ...

    def head(self, full_name: str, branch: str) -> Head: ...
    def is_empty(self, full_name: str) -> bool:
        """Whether the repository has no branch at all."""
        ...

    def tree(self, full_name: str, tree: str) -> Tree: ...
    def folder(self, full_name: str, tree: str) -> Folder:
        """A single folder, for repositories of which `tree` lists only some files."""
        ...

    def blob(self, full_name: str, blob: str) -> bytes: ...
    def permission(self, full_name: str, login: str) -> str:
        """`admin`, `write`, `read` or `none`."""
        ...

    def teams(self, organisation: str) -> list[SourceTeam]:
        """The organisation's teams with their members."""
        ...

    def team_repositories(self, organisation: str, team: str) -> list[str]:
        """The repositories that the team can write to."""
        ...

    def writing_teams(self, full_name: str) -> list[SourceTeam]:
        """The teams that can write to the repository, without their members."""
        ...

    def pull_of(self, full_name: str, branch: str) -> Pull | None:
        """The newest pull request from this branch of the same repository, closed ones included."""
        ...

    def pull(self, full_name: str, number: int) -> Pull: ...
    def hook(self, full_name: str, url: str) -> str | None:
        """The id of our webhook on the repository, if there is one. Raises Missing or Denied where we cannot manage
        webhooks."""
        ...

    def unmet(self, full_name: str, pull: Pull) -> list[str]:
        """What the rules of the base still require before this pull request can be merged, each in a few words."""
        ...

    def contains(self, full_name: str, newer: str, older: str) -> bool:
        """Whether a branch or commit contains a commit; each is a name or an id."""
        ...

    def parents(self, full_name: str, commit: str) -> list[str]: ...
    def branch_commit(self, full_name: str, name: str) -> str | None: ...
    def may_create(self, full_name: str, branch: str) -> bool:
        """Whether no rule of the repository forbids the creation of this branch."""
        ...


class Source(SourceReader, Protocol):
    """The part that runs use."""

    def commit(self, full_name: str, parent: Head, files: Sequence[NewFile], message: str, when: datetime) -> str:
        """Create a commit on top of `parent`, on no branch yet; the same input gives the same commit."""
        ...

    def branch(self, full_name: str, name: str, commit: str) -> None:
        """Create a branch. Raises Conflict if one of this name exists, or one whose name is a folder of this one or below
        it."""
        ...

    def open_pull(self, full_name: str, branch: str, base: str, title: str, body: str) -> Pull:
        """Raises Conflict if one from this branch is already open."""
        ...

    def update_branch(self, full_name: str, number: int, head: str) -> None:
        """Merge the base into the pull request's branch; the host does it shortly afterwards.

        Raises Conflict if the branch is no longer at `head`.
        """
        ...

    def close_pull(self, full_name: str, number: int, body: str) -> None:
        """Close without merging; `body` replaces its text, so that it says why."""
        ...

    def create_hook(self, full_name: str, url: str) -> str:
        """The id of the new webhook."""
        ...

    def delete_hook(self, full_name: str, hook: str) -> None:
        """Not an error if it no longer exists."""
        ...

    def delete_branch(self, full_name: str, name: str) -> None:
        """Not an error if it no longer exists. The host cannot compare the commit: read it immediately before."""
        ...


CAPABILITY: Capability[Source] = Capability("source")


def source() -> Source:
    """The configured provider. Raises NotConfigured."""
    return CAPABILITY.provider()


def source_reader() -> SourceReader:
    """The configured provider, for reading only. Raises NotConfigured."""
    return CAPABILITY.provider()
