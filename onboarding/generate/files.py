"""A file that is proposed, and where its application will run."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import yaml


@dataclass(frozen=True)
class File:
    """`why` is one line for the pull request."""

    path: str
    text: str
    why: str


@dataclass(frozen=True)
class Placement:
    """Where and as whose the components run. `address` has {application} and {namespace}."""

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
    memory: str = "64Mi"
    memory_limit: str = "128Mi"
    replicas: int = 2

    def address_of(self, application: str) -> str:
        return self.address.format(application=application, namespace=self.namespace)

    def host_of(self, application: str) -> str:
        """The host of an Ingress rule: the address without scheme and port."""
        return urlsplit(self.address_of(application)).hostname or ""

    def image_of(self, application: str) -> str:
        """The image's name without tag; registries take lower case alone."""
        return f"{self.registry_host}/{self.owner}/{self.repository}/{application}".lower()


class _Dumper(yaml.SafeDumper):
    """YAML as people write it: no aliases, blocks for several lines, lists set in."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
    style = "|" if "\n" in data else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _text)


def dumped(data: object) -> str:
    """The data as YAML, keys in the order given."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)
