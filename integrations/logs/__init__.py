"""Capability *logs*: where lines arrive."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True)
class LogLine:
    """One line as an application printed it."""

    at: datetime
    pod: str
    message: str


class LogsReader(Protocol):
    """What may be read. Everything raises IntegrationError."""

    def ready(self) -> None: ...
    def line(self, namespace: str, application: str, within: timedelta) -> LogLine | None:
        """The newest line of this application, not older than `within`."""
        ...

    def link(self, namespace: str, application: str) -> str:
        """Where people read them; an empty application means the whole namespace."""
        ...


class Logs(LogsReader, Protocol):
    """What a run may do."""

    def ensure_retention(self, namespace: str, days: int) -> None:
        """How long lines of this namespace are kept; may be repeated."""
        ...
