"""Capability *cluster*: where applications run. Objects are manifests, plain dicts as the API has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Applied:
    """An object after a server-side apply."""

    uid: str
    resource_version: str


@dataclass(frozen=True)
class Verdict:
    """What a dry run refused, in the cluster's words."""

    kind: str
    name: str
    says: str


@dataclass(frozen=True)
class Workload:
    """A Deployment as people ask about it.

    `image` is what its pods run (with digest where the cluster knows it). `available`: the wanted number of pods is
    ready. `current`: the rollout of the newest revision is complete. `says` is the reason in plain words where not.
    """

    name: str
    image: str
    wanted: int
    ready: int
    available: bool
    current: bool
    says: str


class ClusterReader(Protocol):
    """What planning may ask. Everything raises IntegrationError but for what is not there, which is None or empty."""

    def ready(self) -> None: ...
    def get(self, kind: str, namespace: str | None, name: str) -> Manifest | None: ...
    def list(self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None) -> list[Manifest]: ...
    def dry_run(self, objects: Sequence[Manifest], manager: str = "onramp") -> list[Verdict]:
        """What of a server-side apply would be refused; empty where all would be accepted."""
        ...

    def may(self, verb: str, kind: str, namespace: str | None, user: str = "") -> bool:
        """An access review: for ourselves, or for another user."""
        ...

    def workload(self, namespace: str, name: str) -> Workload | None: ...


class Cluster(ClusterReader, Protocol):
    """What a run may do."""

    def apply(self, manifest: Manifest, manager: str = "onramp") -> Applied:
        """Server-side apply, never forced. Raises Conflict where another manager owns a field."""
        ...

    def delete(self, kind: str, namespace: str | None, name: str) -> None:
        """Only what our field manager made. Raises Conflict otherwise."""
        ...
