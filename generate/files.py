"""A proposed file, and where its application will run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import patterns

_UNUSUAL = patterns.repeated(r"[^A-Za-z0-9._-]{1,1000}")


@dataclass(frozen=True)
class File:
    """`why` says in one line of the pull request what the file does."""

    path: str
    text: str
    why: str


@dataclass(frozen=True)
class Placement:
    """Where the components of a repository run, and for which team.

    `address` contains {application} and {namespace}. `cluster_ca` is the PEM of the cluster's certificate authority;
    None if a public one signs its certificate or it is reached over plain HTTP. Without `memory` and `memory_limit` a
    component gets what a small service in its language needs. The annotations tell the collectors of metrics and logs
    about a pod; those for metrics may contain {port} and {path}. `checkout` is what fetching the repository needs besides its
    commit, as options of actions/checkout.
    """

    owner: str
    repository: str
    default_branch: str
    team: str
    namespace: str
    registry_host: str
    cluster_url: str
    cluster_ca: str | None
    oidc_audience: str
    address: str
    cpu: str = "50m"
    cpu_limit: str = "500m"
    memory: str = ""
    memory_limit: str = ""
    replicas: int = 2
    metrics_annotations: Mapping[str, str] = field(default_factory=dict)
    log_annotations: Mapping[str, str] = field(default_factory=dict)
    checkout: Mapping[str, object] = field(default_factory=dict)

    def address_of(self, application: str) -> str:
        return self.address.format(application=application, namespace=self.namespace)

    def host_of(self, application: str) -> str:
        """The host of an Ingress rule: the address without scheme and port."""
        return urlsplit(self.address_of(application)).hostname or ""

    @property
    def has_own_host(self) -> bool:
        """Whether hosts belong to one team. The certificate of a host that teams share is the platform's."""
        return "{namespace}" in self.address.partition("://")[2].partition("/")[0]

    def path_of(self, application: str) -> str:
        """The path of an Ingress rule: the address from its first slash on."""
        return urlsplit(self.address_of(application)).path or "/"

    def image_of(self, application: str) -> str:
        """The image's name without a tag. Registries accept lower case only."""
        return f"{self.registry_host}/{self.owner}/{self.repository}/{application}".lower()


def below(root: str, name: str) -> str:
    """The path of a file in a component's folder."""
    return f"{root}/{name}" if root else name


def label_value(text: str) -> str:
    """The text as the value of a Kubernetes label: at most 63 letters, digits, `-`, `_` and `.`."""
    return _UNUSUAL.sub("-", text)[:63].strip("-_.")
