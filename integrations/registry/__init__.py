"""Capability *registry*: where the pipeline puts images, and what the cluster pulls them with."""

from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr


@dataclass(frozen=True)
class PullAccess:
    """What a namespace needs so that its pods may pull."""

    host: str
    user: str
    token: SecretStr


class RegistryReader(Protocol):
    @property
    def host(self) -> str: ...
    def pull_access(self) -> PullAccess: ...
