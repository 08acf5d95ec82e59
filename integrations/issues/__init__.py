"""Capability *issues*: where a blocker's ticket lives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Ticket:
    """A ticket as it is now. `done` by its status category; `declined`: done with a resolution that means won't do.

    `changed` grows with each change of the status (the time of its resolution, or of its last update).
    """

    id: str
    key: str
    url: str
    done: bool
    declined: bool
    resolution: str
    changed: str


@dataclass(frozen=True)
class Comment:
    id: str
    author: str
    body: str
    at: datetime


class IssuesReader(Protocol):
    """What may be read. Everything raises IntegrationError but for what is not there."""

    def ready(self) -> None: ...
    def read(self, ticket_id: str) -> Ticket | None:
        """By its id, which survives a move; None where it was deleted."""
        ...

    def find(self, mark: str) -> list[Ticket]:
        """The tickets that bear the mark, oldest first; a new one may take seconds to minutes to be found."""
        ...

    def comments(self, ticket_id: str) -> list[Comment]: ...


class Issues(IssuesReader, Protocol):
    """What a run may do."""

    def create(self, project: str, summary: str, body: str, labels: Sequence[str], mark: str) -> Ticket:
        """A new ticket that bears the mark from its creation on."""
        ...

    def comment(self, ticket_id: str, body: str) -> str:
        """The new comment's id."""
        ...

    def close(self, ticket_id: str) -> None:
        """Bring it to a done status by whatever transition leads there."""
        ...
