"""Capability *issues*: where a person is asked for what no machine can do. What every provider of it promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Category(StrEnum):
    """How far a ticket is. Names of statuses are translated and vary by project, these do not."""

    NEW = "new"
    INDETERMINATE = "indeterminate"
    DONE = "done"


@dataclass(frozen=True)
class Ticket:
    """A ticket as it is now. `id` stays for ever, `key` changes when it is moved to another project.

    `resolution` is empty until it is resolved. `declined` is true where that resolution means "we will not".
    `changed` is, once it is done, when it became so, and until then when anything about it last changed: comments on a
    closed ticket do not move it, reopening and closing again does. None where nobody knows. `moved` is true where it
    was asked for by a key that it no longer has.
    """

    id: str
    key: str
    url: str
    project: str
    summary: str
    category: Category
    resolution: str
    declined: bool
    changed: datetime | None
    moved: bool = False

    @property
    def done(self) -> bool:
        return self.category is Category.DONE


@dataclass(frozen=True)
class Comment:
    id: str
    author: str
    body: str
    at: datetime


class IssuesReader(Protocol):
    """What planning may ask. Everything raises IntegrationError."""

    def ready(self) -> None:
        """Raises where it does not answer, or not to us."""
        ...

    def read(self, key_or_id: str) -> Ticket | None:
        """None where it was deleted, or where we may not see it (the two look alike)."""
        ...

    def find(self, mark: str) -> list[Ticket]:
        """The tickets created with this mark, oldest first. A search lags: a new ticket is found only after a while."""
        ...

    def comments(self, id: str, since: datetime | None = None) -> list[Comment]:
        """Oldest first; with `since` only those made after it."""
        ...


class Issues(IssuesReader, Protocol):
    """What a run may do."""

    def create(
        self, *, project: str, summary: str, body: str, labels: Sequence[str] = (), mark: str, type: str = ""
    ) -> Ticket:
        """One request. `mark` is set with the ticket itself, so that `find` can tell after a lost answer."""
        ...

    def comment(self, id: str, text: str) -> str:
        """The comment's id."""
        ...

    def close(self, id: str, comment: str = "") -> None:
        """Bring it to a status of category *done*, saying `comment`; nothing happens where it is there already.

        Raises Conflict where its workflow leads to no such status from here.
        """
        ...

    def link(self, id: str, url: str, title: str, mark: str) -> None:
        """Let the ticket point at an address; the same mark is replaced, not added again."""
        ...

    def ensure_webhook(self, url: str) -> None:
        """Have changes of tickets told to this address, signed. An administrator's right where there are such."""
        ...
