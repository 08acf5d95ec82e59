"""Decide which components of a repository are deployed, and why the others are not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import patterns
from stacks import container, container_copies
from stacks.components import START_COMMAND, Component, Grounds, Role
from stacks.container_copies import Copied
from stacks.families import FAMILIES

_RELEASES_WORKSPACE = {family.name for family in FAMILIES if family.releases_workspace}
_ELSEWHERE = {
    *("docker", "dockerfiles", ".docker", "containers", "images", "ci", "infra", "infrastructure", "deployments"),
}
"""Folders whose container files usually build the content of other folders."""

_SERVERS = patterns.compile(
    r"(?:^|/)(mongo|mongodb|mysql|mariadb|postgres|postgis|redis|valkey|rabbitmq|kafka|zookeeper|elasticsearch|"
    r"opensearch|memcached|fluentd|fluent-bit|logstash|kibana|prometheus|grafana|jaeger|zipkin|otel|"
    r"opentelemetry-collector|loki|vault|consul|etcd|minio|localstack)\b"
)
"""Images of existing servers. An image that is built on one adds data or settings to it."""

_SUPPORTING = patterns.compile(
    r"seed(?:er|s|[-_]data)?|load[-_]?(?:gen|generator|test|tests)|k6|locust|smoke[-_]?tests?|e2e|"
    r"mock[-_]?(?:server|api)s?"
)
"""Names of folders whose programs fill, load, test or simulate the other components."""

_DELEGATED = patterns.compile(
    r"\b(turbo|nx|lerna|npm-run-all|concurrently|moon)\b|--filter|--workspace|\s-w\s|"
    r"\bpnpm (-r|--recursive)\b|\byarn workspaces?\b|\bcd [\w./-]+ *&&"
    r"|--prefix[ =]|\bnode (?:\./)?(?:scripts|tools)/"
)
"""Start commands that only start members of the workspace."""


def partition(
    components: Sequence[Component], members: Mapping[str, str], texts: Mapping[str, str]
) -> tuple[list[Component], list[Component]]:
    """(deployed components, others with the reason in `left`).

    `members` maps a folder to that of its workspace; `texts` are the fetched files.
    """
    deployed, others = [], []
    files = {component.container_file for component in components} & texts.keys()
    copied = {file: container_copies.read(texts[file]) for file in files}
    for component in components:
        reason = _reason(component, components, members, texts, copied)
        if reason:
            others.append(replace(component, left=reason))
        else:
            deployed.append(component)
    return deployed, others


def _reason(
    component: Component,
    components: Sequence[Component],
    members: Mapping[str, str],
    texts: Mapping[str, str],
    copied: Mapping[str, Copied],
) -> str:
    """Why the component is not deployed on its own; empty if it is."""
    root = component.root
    rest = [other for other in components if other is not component]
    others = any(other.deployable and other.root != root for other in rest)
    if root and others and _SUPPORTING.fullmatch(root.rpartition("/")[2].lower()):
        return "its name says that it seeds, loads or tests the other components"
    if component.container_file:
        return _reason_of_container(component, texts)
    above = [other for other in rest if other.container_file and _contains(other.root, root)]
    below = [other for other in rest if other.deployable and _contains(root, other.root)]
    builder = next((other for other in above if root not in members and _copies(component, other, copied)), None)
    if builder is not None:
        return f"{builder.container_file} builds it"
    if not component.deployable:
        return _reason_of_undeployable(component, below)
    if component.grounds <= Grounds.SOURCES and below and not root:
        return "the folders below it have manifests of their own"
    started = [other.root for other in below if members.get(other.root) == root]
    if started and _delegates(component):
        return f"its start command only starts {', '.join(started[:3])}"
    if component.family in _RELEASES_WORKSPACE and root in members:
        return "it is released as a part of the workspace above it"
    return ""


def _reason_of_undeployable(component: Component, below: Sequence[Component]) -> str:
    if component.role != Role.LIBRARY:
        return "nothing in it shows how to start it"
    if below:
        return "it only groups the projects below it"
    return "it is a library; nothing in it starts a server"


def _reason_of_container(component: Component, texts: Mapping[str, str]) -> str:
    """Why a folder with a container file is no application; empty if it is one."""
    if component.family not in (container.FAMILY_NAME, "shell"):
        return ""
    image = container.base(texts.get(component.container_file, "")) or component.root.rpartition("/")[2]
    if _SERVERS.search(image.partition(":")[0].partition("@")[0]):
        return f"its image is {image} with data or settings; Onramp onboards only applications"
    if set(component.root.split("/")) & _ELSEWHERE:
        return "its container file builds the content of other folders"
    return ""


def _copies(inner: Component, outer: Component, copied: Mapping[str, Copied]) -> bool:
    """Whether the container file of `outer` copies `inner` into its image: by name, or with everything around it."""
    file = copied.get(outer.container_file)
    if file is None:
        return bool(outer.root)
    return (bool(outer.root) and file.everything) or file.names(inner.root[len(outer.root) + 1 if outer.root else 0 :])


def _delegates(component: Component) -> bool:
    commands = [each.message for each in component.evidence if each.message.startswith(START_COMMAND)]
    return bool(_DELEGATED.search(" ".join((*component.start, *commands))))


def _contains(root: str, other: str) -> bool:
    return root != other and (not root or other.startswith(f"{root}/"))
