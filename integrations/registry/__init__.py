"""Capability *registry*: stores the images that pipelines push and clusters pull."""

from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr

from integrations.providers import Capability, Provider


@dataclass(frozen=True)
class PullAccess:
    """The login that lets a namespace's pods pull images."""

    host: str
    user: str
    token: SecretStr


class Registry(Provider, Protocol):
    """Every method raises IntegrationError."""

    @property
    def host(self) -> str:
        """The host, and path prefix if any, of image references."""
        ...

    def pull_access(self) -> PullAccess: ...


CAPABILITY: Capability[Registry] = Capability("registry")


def registry() -> Registry:
    """The configured provider. Raises NotConfigured."""
    return CAPABILITY.provider()
