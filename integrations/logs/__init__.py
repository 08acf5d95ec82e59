"""Capability *logs*: where the lines of the applications arrive. What every provider of it promises."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True)
class LogLine:
    at: datetime
    message: str
    pod: str


class LogsReader(Protocol):
    """What planning may ask. Everything raises IntegrationError."""

    def ready(self) -> None:
        """Raises where it does not answer, or not to us."""
        ...

    def line(self, namespace: str, application: str, within: timedelta) -> LogLine | None:
        """The newest line of the application within that time, or None."""
        ...

    def retained(self, namespace: str) -> bool:
        """Whether `ensure_retention` is in force for this namespace."""
        ...

    def errors(self, namespace: str, application: str, within: timedelta, limit: int = 5) -> list[LogLine]:
        """The newest lines that tell of an error, newest first."""
        ...

    def link(self, namespace: str, application: str) -> str:
        """The page where a person reads them; all of the namespace where `application` is empty."""
        ...


class Logs(LogsReader, Protocol):
    """What a run may do."""

    def ensure_retention(self, namespace: str, days: int) -> bool:
        """Keep the namespace's lines so long, and see that it is so. Raises Conflict where somebody else set it.

        True where nothing was set before.
        """
        ...

    def forget_retention(self, namespace: str) -> None:
        """Take back what `ensure_retention` set; the lines stay. Raises Conflict where it is somebody else's."""
        ...
