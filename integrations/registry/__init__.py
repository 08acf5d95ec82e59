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

    @property
    def shares_login(self) -> bool:
        """Whether all teams' namespaces hold the same login, so that private images are not private between teams."""
        ...

    def pull_access(self, team: str) -> PullAccess | None:
        """What this team's namespaces pull with, by the team's key; None where the nodes have a login of their own.

        Raises Missing where teams have logins of their own and this one has none.
        """
        ...


CAPABILITY: Capability[Registry] = Capability("registry")


def registry() -> Registry:
    """The configured provider. Raises NotConfigured."""
    return CAPABILITY.provider()
