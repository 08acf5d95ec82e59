"""Capability *metrics*: where samples of the applications arrive. What every provider of it promises."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Sample:
    """Proof that samples arrive: the name of one metric, how many of its series there are, when that was so."""

    name: str
    series: int
    at: datetime


class Metrics(Protocol):
    """All of it only reads. Everything raises IntegrationError.

    `own` says which series are meant: those the application exposes itself, or those that the cluster measures on
    its pods. Never another application's.
    """

    def ready(self) -> None:
        """Raises where it does not answer, or not to us."""
        ...

    def query(self, namespace: str, application: str, *, own: bool) -> str:
        """The question that `sample` asks, in the provider's language, for people to repeat."""
        ...

    def sample(self, namespace: str, application: str, *, own: bool) -> Sample | None:
        """A metric of the application with a sample of the last minutes; None where there is none."""
        ...

    def link(self, namespace: str, application: str) -> str:
        """The page where a person sees the application's metrics."""
        ...
