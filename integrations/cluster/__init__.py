"""Capability *cluster*: runs the applications. Objects are manifests: plain dicts as the API has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from integrations.providers import Capability, Provider

Manifest = dict[str, Any]
Manifests = list[Manifest]
MANAGER = "onramp"
"""The field manager of our own changes."""


class RefusalReason(StrEnum):
    """Why the cluster refuses an object."""

    NAMESPACE_MISSING = "namespace-missing"
    QUOTA = "quota"
    LIMITS = "limits"
    POD_SECURITY = "pod-security"
    CONFLICT = "conflict"
    RIGHTS = "rights"
    INVALID = "invalid"


@dataclass(frozen=True)
class Applied:
    """An object after a server-side apply. `result` is the whole object as the cluster now stores it."""

    uid: str
    resource_version: str
    created: bool = False
    warnings: tuple[str, ...] = ()
    result: Manifest = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """An object that a dry run refused: the cluster's message, and the kind of refusal it is."""

    kind: str
    name: str
    message: str
    reason: RefusalReason = RefusalReason.INVALID


@dataclass(frozen=True)
class Pod:
    """One pod. `digests` are the images that its containers run (`sha256:…`); `newest`: it is of the newest revision.

    `reason` is the cluster's word (`CrashLoopBackOff`), `message` a sentence for people; both are empty for a healthy
    pod.
    """

    name: str
    ready: bool
    newest: bool
    restarts: int
    digests: tuple[str, ...]
    reason: str
    message: str


@dataclass(frozen=True)
class Workload:
    """The state of a Deployment.

    `image` is the image that its pods run (with its digest if the cluster knows it). `desired` and `ready` count pods.
    `available`: the desired number of pods is ready. `current`: the rollout of the newest revision is complete.
    `stuck`: waiting will not complete it. If it is not complete, `message` is the reason in plain words and `reason` the
    cluster's own word for it.
    """

    name: str
    image: str
    desired: int
    ready: int
    available: bool
    current: bool
    message: str
    stuck: bool = False
    reason: str = ""
    pods: tuple[Pod, ...] = ()

    def runs(self, digest: str) -> bool:
        """Whether a ready pod of the newest revision runs the image with this digest."""
        return any(pod.ready and pod.newest and digest in pod.digests for pod in self.pods)


@dataclass(frozen=True)
class ClusterEvent:
    """An event that the cluster reports about an object."""

    at: datetime | None
    kind: str
    name: str
    reason: str
    message: str
    warning: bool
    times: int


class ClusterReader(Provider, Protocol):
    """The part that planning uses. Every method raises IntegrationError, but an absent object is None or empty."""

    def version(self) -> str: ...
    def get(self, kind: str, namespace: str | None, name: str) -> Manifest | None: ...
    def list(self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None) -> Manifests: ...
    def secret_keys(self, namespace: str, name: str) -> frozenset[str]:
        """The names of a Secret's values; the values themselves are dropped here. Empty if there is no Secret."""
        ...

    def dry_run(self, objects: Sequence[Manifest], manager: str = MANAGER) -> Sequence[Refusal]:
        """The objects that a server-side apply would refuse; empty if it would accept all of them."""
        ...

    def outdated(self, objects: Sequence[Manifest]) -> Sequence[Manifest]:
        """Those that an apply would create or change; also those that a dry run refuses, because that is not known of them."""
        ...

    def user(self) -> str:
        """Whom the cluster sees in us."""
        ...

    def may(self, verb: str, kind: str, namespace: str | None, user: str = "") -> bool:
        """Whether we, or another user, have this permission (an access review). `kind` may name a part: `Pod/exec`."""
        ...

    def workload(self, namespace: str, name: str) -> Workload | None: ...
    def logs(self, namespace: str, pod: str, lines: int = 100) -> str:
        """The last lines that a pod printed; those of its crashed instance if the current one has printed nothing yet."""
        ...

    def events(self, namespace: str, name: str = "") -> Sequence[ClusterEvent]:
        """The events of a namespace, or of the objects with this name, oldest first."""
        ...


class Cluster(ClusterReader, Protocol):
    """The part that runs use."""

    def apply(self, manifest: Manifest, manager: str = MANAGER, force: bool = False) -> Applied:
        """Server-side apply. Raises Conflict if another manager owns a field, unless forced."""
        ...

    def set_secret_values(
        self, namespace: str, name: str, values: Mapping[str, str], labels: Mapping[str, str]
    ) -> None:
        """Set these values in a Secret and keep its others; the Secret is created if there is none."""
        ...

    def delete_secret(self, namespace: str, name: str) -> None:
        """Delete the Secret with all its values. Raises Conflict if `set_secret_values` never wrote to it."""
        ...

    def delete(self, kind: str, namespace: str | None, name: str, manager: str = MANAGER) -> None:
        """Delete an object that this field manager created, otherwise raise Conflict. Not an error if it is gone."""
        ...


CAPABILITY: Capability[Cluster] = Capability("cluster")


class Administrator(ClusterReader, Protocol):
    """A cluster as seen by its administrator, who may act for others."""

    def impersonating(self, user: str, group: str = "") -> ClusterReader:
        """The cluster as this user sees it. Each call raises Denied unless we may impersonate the user."""
        ...


def administrator(kubeconfig: Path) -> Administrator:
    """The cluster with an administrator's access, for checks that people run. Raises NotConfigured and Invalid."""
    provider: Any = CAPABILITY.build_with(kubeconfig=kubeconfig)
    administrator: Administrator = provider
    return administrator


def cluster() -> Cluster:
    """The configured provider. Raises NotConfigured."""
    return CAPABILITY.provider()


def cluster_reader() -> ClusterReader:
    """The configured provider, for reading only. Raises NotConfigured."""
    return CAPABILITY.provider()
