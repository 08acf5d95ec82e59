"""What of a repository is deployed, and why the rest is not: libraries, roots, parts of others, servers of somebody else."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from onboarding.stacks import container
from onboarding.stacks.components import Component, Grounds, Role


def told_apart(
    found: Sequence[Component], members: Mapping[str, str], texts: Mapping[str, str]
) -> tuple[list[Component], list[Component]]:
    """(what is deployed, what is not, with the reason)."""
    kept, others = [], []
    for one in found:
        reason = _left(one, found, members, texts)
        if reason:
            others.append(replace(one, left=reason))
        else:
            kept.append(one)
    return kept, others


_ELSEWHERE = {
    "docker",
    "dockerfiles",
    ".docker",
    "containers",
    "images",
    "ci",
    "infra",
    "infrastructure",
    "deployments",
}


_SERVERS = re.compile(
    r"(?:^|/)(mongo|mongodb|mysql|mariadb|postgres|postgis|redis|valkey|rabbitmq|kafka|zookeeper|elasticsearch|opensearch|memcached|fluentd|fluent-bit|"
    r"logstash|kibana|prometheus|grafana|jaeger|zipkin|otel|opentelemetry-collector|loki|vault|consul|etcd|minio|localstack)\b"
)
"""Images that somebody else makes to run servers of a kind: what is built on them holds their data or settings."""


_TRIES_OTHERS = re.compile(
    r"seed(?:er|s|[-_]data)?|load[-_]?(?:gen|generator|test|tests)|k6|locust|smoke[-_]?tests?|e2e|mock[-_]?(?:server|api)s?"
)
"""Names of folders whose programs fill in, load or stand in for the others."""


def _not_its_own(one: Component, texts: Mapping[str, str]) -> str:
    """Why a folder with a container file is no application of its own; nothing where it is one."""
    if one.family not in (container.FAMILY, "shell"):
        return ""
    base = container.base(texts.get(one.container_file, "")) or one.root.rpartition("/")[2]
    if _SERVERS.search(base.partition(":")[0].partition("@")[0]):
        return f"its image is that of {base} with data or settings; Onramp onboards applications"
    if set(one.root.split("/")) & _ELSEWHERE:
        return "its container file builds something that lies in other folders"
    return ""


def _takes_in(inner: Component, outer: Component, texts: Mapping[str, str]) -> bool:
    """Whether a container file takes this folder into its image: it names it, or it is the one of the folder around it."""
    text = texts.get(outer.container_file)
    if outer.root and text is None:
        return True
    text = text or ""
    if outer.root and re.search(
        r"^[ \t]*(?:COPY|ADD)[ \t]+(?:--\S+[ \t]+)*\.[ \t]", text, re.MULTILINE | re.IGNORECASE
    ):
        return True  # all of it
    inside = inner.root[len(outer.root) + 1 if outer.root else 0 :]
    pattern = rf"(?:COPY|ADD|cd|WORKDIR)\b[^\n]*(?<![\w-]){re.escape(inside)}(?![\w-])"
    return bool(inside) and re.search(pattern, text) is not None


def _left(one: Component, found: Sequence[Component], members: Mapping[str, str], texts: Mapping[str, str]) -> str:
    """Why it is no component of its own; nothing where it is one."""
    above = [other for other in found if other is not one and other.container_file and _contains(other.root, one.root)]
    below = [other for other in found if other is not one and other.deployable and _contains(one.root, other.root)]
    others = any(other.deployable and other.root != one.root for other in found)
    if one.root and others and _TRIES_OTHERS.fullmatch(one.root.rpartition("/")[2].lower()):
        return "by its name it fills in or tries out the others"
    if one.container_file:
        return _not_its_own(one, texts)
    builder = next((other for other in above if one.root not in members and _takes_in(one, other, texts)), None)
    if builder is not None:
        return f"it is built by {builder.container_file}"
    if not one.deployable:
        if one.role == Role.LIBRARY:
            return "its projects are read one by one" if below else "it is a library: nothing in it starts a server"
        return "nothing in it says how it is started"
    if one.grounds <= Grounds.SOURCES and below and not one.root:
        return "the folders below it have manifests of their own"
    own = [other for other in below if members.get(other.root) == one.root]
    if own and _delegates(one):
        return f"its start leads to {', '.join(other.root for other in own[:3])}"
    parent = members.get(one.root)
    if one.family == "elixir" and parent is not None:
        return "it is a part of the umbrella above it"
    return ""


_DELEGATED = re.compile(
    r"\b(turbo|nx|lerna|npm-run-all|concurrently|moon)\b|--filter|--workspace|\s-w\s|\bpnpm (-r|--recursive)\b|\byarn workspaces?\b|\bcd [\w./-]+ *&&"
    r"|--prefix[ =]|\bnode (?:\./)?(?:scripts|tools)/"
)


def _delegates(one: Component) -> bool:
    said = " ".join((*one.start, *(each.says for each in one.evidence if each.says.startswith("starts with: "))))
    return bool(_DELEGATED.search(said))


def _contains(root: str, other: str) -> bool:
    return root != other and (not root or other.startswith(f"{root}/"))
