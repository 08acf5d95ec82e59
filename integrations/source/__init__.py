"""Capability *source*: where repositories live. What every provider of it promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class RepositoryFacts:
    """A repository as its host tells it. `default_branch` is empty where there is none."""

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
    """All files at a commit; `truncated` where the host listed only some."""

    entries: tuple[Entry, ...]
    truncated: bool


@dataclass(frozen=True)
class Level:
    """What lies directly in one folder: its files, and its folders' names with the ids of their trees."""

    entries: tuple[Entry, ...]
    folders: dict[str, str]


@dataclass(frozen=True)
class Pull:
    """A pull request. `merge_commit` is what the default branch got, once merged. The host may not know yet whether it
    `conflicts` with its base; it is `behind` where a rule of the base wants all of the base in it before a merge."""

    number: int
    url: str
    head: str
    open: bool
    merged: bool
    merge_commit: str
    branch: str
    body: str
    behind: bool = False
    conflicts: bool = False


@dataclass(frozen=True)
class NewFile:
    path: str
    text: str


class SourceReader(Protocol):
    """What planning may ask. Everything raises IntegrationError."""

    @property
    def web_url(self) -> str: ...
    def repository(self, full_name: str) -> RepositoryFacts: ...
    def head(self, full_name: str, branch: str) -> Head: ...
    def is_empty(self, full_name: str) -> bool:
        """It has no branch at all."""
        ...

    def tree(self, full_name: str, tree: str) -> Tree: ...
    def level(self, full_name: str, tree: str) -> Level:
        """One folder alone, for repositories of which `tree` lists only some."""
        ...

    def blob(self, full_name: str, blob: str) -> bytes: ...
    def permission(self, full_name: str, login: str) -> str:
        """`admin`, `write`, `read` or `none`."""
        ...

    def teams(self, organisation: str) -> dict[str, tuple[str, list[str]]]:
        """Slug → (name, logins) of the organisation's teams."""
        ...

    def team_repositories(self, organisation: str, team: str) -> list[str]: ...
    def team_slugs(self, full_name: str) -> list[str]:
        """The teams that may write to the repository."""
        ...

    def pull_of(self, full_name: str, branch: str) -> Pull | None:
        """The newest pull request from this branch of the same repository, closed ones included."""
        ...

    def pull(self, full_name: str, number: int) -> Pull: ...
    def parents(self, full_name: str, commit: str) -> list[str]: ...
    def branch_commit(self, full_name: str, name: str) -> str | None: ...
    def may_create(self, full_name: str, branch: str) -> bool:
        """No rule of the repository forbids to create this branch."""
        ...

    def ready(self) -> None: ...


class Source(SourceReader, Protocol):
    """What a run may do."""

    def commit(self, full_name: str, parent: Head, files: Sequence[NewFile], message: str, when: datetime) -> str:
        """A commit on top of `parent`, on no branch yet; the same input gives the same commit."""
        ...

    def branch(self, full_name: str, name: str, commit: str) -> None:
        """Raises Conflict where there is one of this name."""
        ...

    def open_pull(self, full_name: str, branch: str, base: str, title: str, body: str) -> Pull:
        """Raises Conflict where one from this branch is open already."""
        ...

    def update_branch(self, full_name: str, number: int, head: str) -> None:
        """Merge the base into the pull request's branch, soon. Raises Conflict where the branch is no longer at `head`."""
        ...

    def hook(self, full_name: str, url: str) -> str | None:
        """The id of our webhook on the repository, if it is there."""
        ...

    def create_hook(self, full_name: str, url: str) -> str: ...
    def delete_hook(self, full_name: str, hook: str) -> None:
        """What is gone already is no error."""
        ...

    def delete_branch(self, full_name: str, name: str) -> None:
        """What is gone already is no error. The host knows no condition on the commit: look directly before."""
        ...

    def close_pull(self, full_name: str, number: int, body: str) -> None:
        """Close without merging; `body` replaces its text, so that it says why."""
        ...
