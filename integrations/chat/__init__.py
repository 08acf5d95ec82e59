"""Capability *chat*: telling a person or a team something."""

from typing import Protocol


class Chat(Protocol):
    """Everything raises IntegrationError."""

    def ready(self) -> None: ...
    def tell(self, to: str, text: str, key: str) -> str:
        """Send `text` to a person (an e-mail address) or a channel (`#name`); the message's id. `key` names the occasion."""
        ...
