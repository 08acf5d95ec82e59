"""What a provider's webhook says, in our words. Verifying and translating live with the provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Forged(Exception):
    """The signature is missing or not the one that the shared secret gives."""


class Unreadable(Exception):
    """The body is not what the provider documents."""


@dataclass(frozen=True)
class Heard:
    """One thing that happened at a tool. `topic` wakes the runs that wait for it."""

    type: str
    subject: str
    topic: str
    data: dict[str, Any] = field(default_factory=dict)


class Hears(Protocol):
    """A provider that sends webhooks."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> str:
        """The delivery's id, kept against replay. Raises Forged. `headers` have lower-case names."""
        ...

    def translate(self, headers: Mapping[str, str], body: bytes) -> list[Heard]:
        """What it says; empty where it is nothing to us. Raises Unreadable."""
        ...


SOURCES: dict[str, str] = {"github": "source", "jira": "issues"}
"""Name in the webhook's address → the capability whose provider of that name understands it."""
