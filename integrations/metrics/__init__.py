"""Capability *metrics*: stores and shows the samples of the applications."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from integrations.providers import Capability, Provider


@dataclass(frozen=True)
class Sample:
    """Proof that samples arrive: the name of one metric, the number of its series, and the time of the sample."""

    name: str
    series: int
    at: datetime


class Metrics(Provider, Protocol):
    """Every method only reads, and raises IntegrationError.

    `exposed` selects the series that the application exposes itself; otherwise those that the cluster measures on its
    pods. Series of another application never count.
    """

    @property
    def pod_annotations(self) -> Mapping[str, str]:
        """The annotations that make the collector scrape a pod; values can contain {port} and {path}. Often empty."""
        ...

    def query(self, namespace: str, application: str, *, exposed: bool) -> str:
        """The query that `sample` runs, in the provider's language, for people to repeat."""
        ...

    def sample(self, namespace: str, application: str, *, exposed: bool) -> Sample | None:
        """A metric of the application with a sample from the last few minutes, or None."""
        ...

    def receives(self) -> bool:
        """Whether the metrics of any pod arrive under the labels that `query` uses."""
        ...

    def link(self, namespace: str, application: str) -> str:
        """The page on which people see the application's metrics; without an application, the whole namespace's."""
        ...


CAPABILITY: Capability[Metrics] = Capability("metrics")


def metrics() -> Metrics:
    """The configured provider. Raises NotConfigured."""
    return CAPABILITY.provider()
