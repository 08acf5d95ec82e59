"""Capability *issues*: tickets, for work that only a person can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from integrations.providers import Capability, Provider


class Category(StrEnum):
    """The progress of a ticket. Names of statuses are translated and differ between projects; these do not."""

    NEW = "new"
    INDETERMINATE = "indeterminate"
    DONE = "done"


@dataclass(frozen=True)
class Ticket:
    """The current state of a ticket. `id` is permanent, `key` changes when it is moved to another project.

    `resolution` is empty until it is resolved. `declined` is true if the resolution means "we will not".
    `changed` is the time at which a ticket became done; before that, the time of its last change. Comments on a closed
    ticket do not change it, reopening and closing it again does. None if the time is unknown.
    `moved` is true if the ticket was read by a key that it no longer has.
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


class IssuesReader(Provider, Protocol):
    """The part that planning uses. Every method raises IntegrationError."""

    def read(self, key_or_id: str) -> Ticket | None:
        """None if it was deleted. Raises Denied where it is hidden from us, or where the tracker does not tell the two
        apart."""
        ...

    def find(self, marker: str) -> list[Ticket]:
        """The tickets created with this marker, oldest first. The search lags: it finds a new ticket only after a while."""
        ...

    def comments(self, id: str, since: datetime | None = None) -> list[Comment]:
        """Oldest first; with `since`, only those written after it."""
        ...


class Issues(IssuesReader, Protocol):
    """The part that runs use."""

    def create(
        self, *, project: str, summary: str, body: str, labels: Sequence[str] = (), marker: str, type: str = ""
    ) -> Ticket:
        """One request. `marker` is set in the same request, so that `find` can tell whether it succeeded after all."""
        ...

    def comment(self, id: str, text: str) -> str:
        """The comment's id."""
        ...

    def close(self, id: str, comment: str = "") -> None:
        """Move it to a status of category *done*, with this comment; nothing happens if it is done already.

        Raises Conflict if its workflow has no transition to such a status.
        """
        ...

    def link(self, id: str, url: str, title: str, marker: str) -> None:
        """Link the ticket to an address; a link with the same marker is replaced."""
        ...

    def ensure_webhook(self, url: str) -> None:
        """Register this address for signed webhooks about tickets. Usually needs an administrator's account."""
        ...


CAPABILITY: Capability[Issues] = Capability("issues")


def issues() -> Issues:
    """The configured provider. Raises NotConfigured."""
    return CAPABILITY.provider()


def issues_reader() -> IssuesReader:
    """The configured provider, for reading only. Raises NotConfigured."""
    return CAPABILITY.provider()
