"""Capability *logs*: stores and shows the log lines of the applications."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from integrations.providers import Capability, Provider


@dataclass(frozen=True)
class LogLine:
    at: datetime
    message: str
    pod: str


class LogsReader(Provider, Protocol):
    """The part that planning uses. Every method raises IntegrationError."""

    @property
    def pod_annotations(self) -> Mapping[str, str]:
        """The annotations that make the collector read a pod's output; empty if it reads every pod."""
        ...

    def line(self, namespace: str, application: str, within: timedelta) -> LogLine | None:
        """The application's newest line within that time, or None."""
        ...

    def errors(self, namespace: str, application: str, within: timedelta, limit: int = 5) -> list[LogLine]:
        """The newest lines that report an error, newest first."""
        ...

    def retained(self, namespace: str) -> bool:
        """Whether `ensure_retention` is in force for this namespace."""
        ...

    def link(self, namespace: str, application: str) -> str:
        """The page on which people read the lines; without an application, those of the whole namespace."""
        ...


class Logs(LogsReader, Protocol):
    """The part that runs use."""

    def ensure_retention(self, namespace: str, days: int) -> bool:
        """Keep the namespace's lines for this long, and verify it. Raises Conflict if somebody else set a retention.

        True if no retention was set before.
        """
        ...

    def delete_retention(self, namespace: str) -> None:
        """Undo `ensure_retention`; the lines stay. Raises Conflict if the retention is somebody else's."""
        ...


CAPABILITY: Capability[Logs] = Capability("logs")


def logs() -> Logs:
    """The configured provider. Raises NotConfigured."""
    return CAPABILITY.provider()


def logs_reader() -> LogsReader:
    """The configured provider, for reading only. Raises NotConfigured."""
    return CAPABILITY.provider()
