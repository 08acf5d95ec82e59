"""Capability *cluster*: where applications run. Objects are manifests, plain dicts as the API has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

Manifest = dict[str, Any]
Manifests = list[Manifest]
MANAGER = "onramp"
"""The field manager that our own changes are made under."""


class Cause(StrEnum):
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
    """An object after a server-side apply. `result` is all of it as the cluster holds it now."""

    uid: str
    resource_version: str
    created: bool = False
    warnings: tuple[str, ...] = ()
    result: Manifest = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What a dry run refused, in the cluster's words, and which kind of refusal that is."""

    kind: str
    name: str
    says: str
    cause: Cause = Cause.INVALID


@dataclass(frozen=True)
class Pod:
    """One pod. `digests` are the images that its containers run (`sha256:…`); `newest`: of the newest revision.

    `reason` is the cluster's word (`CrashLoopBackOff`), `says` a sentence for people; both empty when it is well.
    """

    name: str
    ready: bool
    newest: bool
    restarts: int
    digests: tuple[str, ...]
    reason: str
    says: str


@dataclass(frozen=True)
class Workload:
    """A Deployment as people ask about it.

    `image` is what its pods run (with digest where the cluster knows it). `available`: the wanted number of pods is
    ready. `current`: the rollout of the newest revision is complete. `stuck`: it will not be by waiting. `says` is
    the reason in plain words where not, `reason` the cluster's own word for it.
    """

    name: str
    image: str
    wanted: int
    ready: int
    available: bool
    current: bool
    says: str
    stuck: bool = False
    reason: str = ""
    pods: tuple[Pod, ...] = ()

    def runs(self, digest: str) -> bool:
        """Whether a ready pod of the newest revision runs the image with this digest."""
        return any(pod.ready and pod.newest and digest in pod.digests for pod in self.pods)


@dataclass(frozen=True)
class Happening:
    """An event that the cluster tells about an object."""

    at: datetime | None
    kind: str
    name: str
    reason: str
    says: str
    warning: bool
    times: int


class ClusterReader(Protocol):
    """What planning may ask. Everything raises IntegrationError but for what is not there, which is None or empty."""

    def ready(self) -> None:
        """Raises where it does not answer, or not to us."""
        ...

    def version(self) -> str: ...
    def get(self, kind: str, namespace: str | None, name: str) -> Manifest | None: ...
    def keys(self, namespace: str, name: str) -> frozenset[str]:
        """The names of what a Secret holds; its values go no further than this call. Empty where there is none."""
        ...

    def list(self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None) -> Manifests: ...
    def dry_run(self, objects: Sequence[Manifest], manager: str = MANAGER) -> Sequence[Verdict]:
        """What of a server-side apply would be refused; empty where all would be accepted."""
        ...

    def may(self, verb: str, kind: str, namespace: str | None, user: str = "") -> bool:
        """An access review: for ourselves, or for another user."""
        ...

    def workload(self, namespace: str, name: str) -> Workload | None: ...
    def logs(self, namespace: str, pod: str, lines: int = 100) -> str:
        """The last lines that a pod printed, of the crashed instance where the present one printed none yet."""
        ...

    def events(self, namespace: str, name: str = "") -> Sequence[Happening]:
        """What happened in a namespace, or to what is named so, oldest first."""
        ...


class Cluster(ClusterReader, Protocol):
    """What a run may do."""

    def apply(self, manifest: Manifest, manager: str = MANAGER, force: bool = False) -> Applied:
        """Server-side apply. Raises Conflict where another manager owns a field, unless forced."""
        ...

    def enter(self, namespace: str, name: str, values: Mapping[str, str], labels: Mapping[str, str]) -> None:
        """Put these values into a Secret, beside what it holds already; it is made where it is not there."""
        ...

    def forget(self, namespace: str, name: str) -> None:
        """Delete the Secret with all its values. Raises Conflict where no value was ever entered into it."""
        ...

    def delete(self, kind: str, namespace: str | None, name: str, manager: str = MANAGER) -> None:
        """Only what this field manager made; what is gone already is no error. Raises Conflict otherwise."""
        ...
