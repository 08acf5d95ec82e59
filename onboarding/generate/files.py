"""A file that is proposed, and where its application will run."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class File:
    """`why` is one line for the pull request."""

    path: str
    text: str
    why: str


@dataclass(frozen=True)
class Placement:
    """Where and as whose the components run. `address` has {application} and {namespace}.

    Without `memory` and `memory_limit` a component gets what a small service of its language needs. `cluster_ca` is the PEM of the cluster's certificate authority, None where public ones or plain http do.
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
    collect_logs: bool = True

    def address_of(self, application: str) -> str:
        return self.address.format(application=application, namespace=self.namespace)

    def host_of(self, application: str) -> str:
        """The host of an Ingress rule: the address without scheme and port."""
        return urlsplit(self.address_of(application)).hostname or ""

    def image_of(self, application: str) -> str:
        """The image's name without tag; registries take lower case alone."""
        return f"{self.registry_host}/{self.owner}/{self.repository}/{application}".lower()


def below(root: str, name: str) -> str:
    """The path of a file in a component's folder."""
    return f"{root}/{name}" if root else name


def label_value(text: str) -> str:
    """The text as the value of a Kubernetes label: at most 63 letters, digits, `-`, `_` and `.`."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:63].strip("-_.")
