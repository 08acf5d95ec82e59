"""Capability *metrics*: where samples arrive."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Sample:
    """One sample of a series: its metric's name, its labels, its value."""

    name: str
    labels: dict[str, str]
    value: float
    at: datetime


class Metrics(Protocol):
    """Reads only: what is scraped is decided by the manifests. Everything raises IntegrationError."""

    def ready(self) -> None: ...
    def query(self, namespace: str, application: str, *, own: bool) -> str:
        """The query that the proof asks: the application's own series, or its pods' container metrics."""
        ...

    def sample(self, namespace: str, application: str, *, own: bool) -> Sample | None:
        """A fresh sample that this query finds."""
        ...

    def link(self, namespace: str, application: str) -> str: ...
