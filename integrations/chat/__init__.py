"""Capability *chat*: sends messages to people and channels."""

from typing import Protocol

from integrations.providers import Capability, Provider


class Chat(Provider, Protocol):
    """Every method raises IntegrationError."""

    def send(self, recipient: str, text: str, key: str) -> str:
        """Send a message to a person (an e-mail address) or a channel (its name); returns the message's reference.

        `key` is sent with the message, so that it can be recognised. One request writes; a person is looked up before.
        Raises Missing if nobody has this address, or there is no such channel.
        """
        ...


CAPABILITY: Capability[Chat] = Capability("chat")


def chat() -> Chat:
    """The configured provider. Raises NotConfigured."""
    return CAPABILITY.provider()
