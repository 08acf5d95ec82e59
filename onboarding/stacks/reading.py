"""What each folder of a repository is, and what of it may go on into generated files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from onboarding.stacks import container, existing, workspaces
from onboarding.stacks.choosing import MAX_FOLDERS, WORKFLOW, aside, folders
from onboarding.stacks.components import Component, Grounds, Reading, Role, Unknown
from onboarding.stacks.families import FAMILIES
from onboarding.stacks.folder import Folder
from onboarding.stacks.naming import distinct, label
from onboarding.stacks.recognised import RECOGNISED

_RARE = {one.FAMILY for one in RECOGNISED}
_CONFIDENCE = ("certain", "likely", "guess")
_OUTPUT = re.compile(r"(?!.*\.\.)/?[\w.*@+-]+(/[\w.*@+-]+)*")
_FOLDER = re.compile(r"[\w.@+][\w.@+-]*(/[\w.@+][\w.@+-]*)*")


def read(paths: Sequence[str], texts: Mapping[str, str], default_name: str) -> Reading:
    """What the repository holds; `default_name` names a component at its root. Never raises for what a file holds."""
    warnings: list[str] = []
    held = folders(sorted(set(paths)))
    if len(held) > MAX_FOLDERS:
        warnings.append(f"{len(held)} folders hold a manifest; the first {MAX_FOLDERS} were read.")
        held = dict(list(held.items())[:MAX_FOLDERS])
    read_folders = {root: Folder(root, files, texts, warnings) for root, files in held.items()}
    members = workspaces.above(read_folders)
    for member, top in members.items():
        read_folders[member].workspace = read_folders[top]
    found = [
        one
        for folder in read_folders.values()
        if not aside(folder.root) or folder.root in members
        if (one := _component(folder, default_name)) is not None and _safe(one, warnings)
    ]
    kept, others = _told_apart(found, members, texts)
    warnings += _committed(paths)
    warnings += existing.advice(existing.existing(paths, WORKFLOW))
    unknown = None if kept else _unknown(paths, found)
    return Reading(tuple(distinct(kept)), unknown, tuple(dict.fromkeys(warnings)), tuple(others))


_INSTALLED = re.compile(
    r"(?:^|/)(node_modules|bower_components|site-packages)/|(?:^|/)(\.?venv|env)/(?:bin/activate|pyvenv\.cfg)$"
)
_SECRETS = re.compile(r"(?:^|/)\.env(?:\.(?:local|production|prod))?$")


def _committed(paths: Sequence[str]) -> list[str]:
    """What has no place in a repository: installed packages, and files that usually hold secrets."""
    installed: dict[str, int] = {}
    for path in paths:
        found = _INSTALLED.search(path) if "/" in path else None
        if found:
            folder = path[: found.end(1) if found[1] else found.end(2)]
            installed[folder] = installed.get(folder, 0) + 1
    said = [
        f"{folder} is committed: installed packages fit one machine alone, and make every build larger. "
        "Take it out (git rm -r --cached) and put it into .gitignore."
        for folder in sorted(installed)[:3]
    ]
    said += [
        f"{path} is committed: what it holds is known to everybody who may read the repository. Renew the secrets in it, "
        "take it out, and enter the values on the page of the run."
        for path in sorted(path for path in paths if _SECRETS.search(path))[:3]
    ]
    return said


def _component(folder: Folder, default_name: str) -> Component | None:
    """What the folder is by the surest of what the families say; the others are named as alternatives."""
    name = label(folder.root.rpartition("/")[2] or default_name)
    found = [one for family in FAMILIES if (one := family.read(folder, name)) is not None]
    if not found:
        return container.read(folder, name)
    best = min(found, key=_rank)
    if best.grounds == Grounds.SOURCES and best.confidence == "guess" and _rare(found) > 1:
        return container.read(folder, name)  # sources of several languages that nothing ties together: better unknown
    others = tuple(
        f"{one.family}: {' '.join(one.start)}"
        for one in found
        if one is not best and one.start and one.grounds > Grounds.COMPANION
    )
    best = existing.completed(replace(best, alternatives=(*best.alternatives, *others)), folder)
    return container.decided_by(best, folder)


def _rare(found: Sequence[Component]) -> int:
    return sum(one.grounds == Grounds.SOURCES and one.family in _RARE for one in found)


def _rank(one: Component) -> tuple[int, bool, bool, int]:
    """What is known best comes first, then what can be started; a start page is beside many a program; of equals the first
    of `FAMILIES`."""
    page = one.role == Role.SITE and one.grounds <= Grounds.SOURCES
    return -one.grounds, not one.deployable, page, _CONFIDENCE.index(one.confidence)


def _told_apart(
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
    r"|--prefix[ =]"
)


def _delegates(one: Component) -> bool:
    said = " ".join((*one.start, *(each.says for each in one.evidence if each.says.startswith("starts with: "))))
    return bool(_DELEGATED.search(said))


def _contains(root: str, other: str) -> bool:
    return root != other and (not root or other.startswith(f"{root}/"))


def _safe(component: Component, warnings: list[str]) -> bool:
    """Nothing from a repository may carry an expression or a control character into what is generated."""
    bad = next((text for text in _carried(component) if not harmless(text)), None)
    if bad is None and component.root and not _FOLDER.fullmatch(component.root):
        bad = component.root
    if bad is None and component.output and not _OUTPUT.fullmatch(component.output):
        bad = component.output
    if bad is None:
        return True
    shown = bad.encode("unicode_escape").decode()[:60]
    warnings.append(
        f"{component.name} was left out: “{shown}” holds an expression, a control character or a sign "
        "that a folder's name in a pipeline cannot have."
    )
    return False


def harmless(text: str) -> bool:
    """Neither an expression of a pipeline nor a control character."""
    return "${{" not in text and text.isprintable()


def _carried(one: Component) -> tuple[str, ...]:
    """Every text that generated files may hold."""
    paths = (one.root, one.container_file, one.ignore_file, one.lock_file, one.version_file, one.output, *one.manifests)
    commands = (*one.install, *one.install_production, *one.build, *one.test, *one.start)
    return (*paths, *commands, one.version, one.health_path, one.metrics_path, one.workspace or "")


def _unknown(paths: Sequence[str], found: Sequence[Component]) -> Unknown:
    looked = tuple(path for path in paths if "/" not in path)[:12]
    if found:
        one = found[0]
        reason = f"This is {one.language or one.family}, but nothing in it says what would be started"
    else:
        reason = "No manifest of a language that Onramp knows was found"
    return Unknown(
        f"{reason}. A Dockerfile in the component's folder, with EXPOSE and CMD, is always understood.", looked
    )
