"""Capability *chat*: how people are told. What every provider of it promises."""

from typing import Protocol


class Chat(Protocol):
    """Everything raises IntegrationError."""

    def ready(self) -> None:
        """Raises where it does not answer, or not to us."""
        ...

    def tell(self, to: str, text: str, key: str) -> str:
        """Write to a person (an e-mail address) or to a channel (its name); returns the message's reference.

        `key` goes with the message, so that it can be recognised. One request writes; a person is looked up before.
        Raises Missing where nobody has that address, or there is no such channel.
        """
        ...
