"""The languages that are read. A new one is one more module and one line in `FAMILIES`."""

from typing import Protocol

from onboarding.stacks import node, python
from onboarding.stacks.components import Component
from onboarding.stacks.folder import Folder


class Family(Protocol):
    """Kept by a module per language."""

    @property
    def MARKERS(self) -> tuple[str, ...]:
        """Files of which one must lie in a component's folder."""
        ...

    @property
    def MANIFESTS(self) -> tuple[str, ...]:
        """Files of that folder whose text `read` needs."""
        ...

    @property
    def ENTRIES(self) -> tuple[str, ...]:
        """Names of sources that usually start a service, the likeliest first."""
        ...

    @property
    def ENDINGS(self) -> tuple[str, ...]:
        """Endings of sources."""
        ...

    def read(self, folder: Folder, name: str) -> Component | None:
        """The service in this folder, or None where nothing says how to start one. Never raises for what files hold."""
        ...


FAMILIES: tuple[Family, ...] = (node, python)
"""In the order in which they are asked."""
