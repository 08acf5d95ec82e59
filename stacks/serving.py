"""How a component serves, for every language: port, health and metrics paths, variables, and servers it needs."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import patterns
from patterns import Match, Pattern, RepeatedPattern
from stacks.components import Command, Evidence, Setting
from stacks.folder import Folder
from stacks.folder_files import line_of

PORT_LIMITS = range(1, 65536)
HEALTH_PATHS = (
    *("/healthz", "/health", "/livez", "/readyz", "/ready", "/_health", "/api/healthz", "/api/health"),
    *("/ping", "/up", "/status"),
)
_HEALTH_PATHS = {path: patterns.compile(rf"[\"'`]{path}/?[\"'`]") for path in HEALTH_PATHS}
_METRICS_PATH = patterns.compile(r"[\"'`]/metrics/?[\"'`]")
HIDDEN = "(a default in the code)"
MAX_SETTINGS = 200
"""Variables of one component. A longer list helps nobody."""

_ASSIGNMENT = 40
"""Characters behind a variable in which an equals sign assigns it."""

_SECRET = patterns.compile(r"SECRET|TOKEN|PASSWORD|PASSWD|API_?KEY|PRIVATE|CREDENTIAL|DSN|DATABASE_URL|(?:^|_)KEY$")
_PLATFORM = {"PORT", "HOST", "HOME", "PATH", "NODE_ENV", "HOSTNAME", "PYTHONPATH", "USER", "TMPDIR", "CI"}
_IN_COMMAND = patterns.compile(r"(?:--port[= ]|-p |--bind[= ]\S*?:|-b \S*?:)(?P<port>\d{2,5})\b")

Endings = tuple[str, ...]


@dataclass(frozen=True)
class Endpoints:
    """Where a component serves: its port and its paths, with the evidence for all of them."""

    port: int
    health_path: str
    metrics_path: str
    evidence: tuple[Evidence, ...]


def endpoints(
    port: tuple[int, Evidence],
    health_path: tuple[str, tuple[Evidence, ...]] = ("/", ()),
    metrics_path: tuple[str, tuple[Evidence, ...]] = ("", ()),
) -> Endpoints:
    """The results of `port`, `health_path` and `metrics_path` together."""
    return Endpoints(port[0], health_path[0], metrics_path[0], (port[1], *health_path[1], *metrics_path[1]))


def port(
    folder: Folder, endings: Endings, ports: tuple[Pattern, ...], start: Command, default: int
) -> tuple[int, Evidence]:
    """The port of the start command, or else the first in the code that one of `ports` matches, or else the default."""
    in_command = _IN_COMMAND.search(" ".join(start))
    if in_command and int(in_command["port"]) in PORT_LIMITS:
        return int(in_command["port"]), Evidence(folder.root or ".", None, f"starts on port {in_command['port']}")
    for pattern in ports:
        match, place = folder.search(pattern, endings) or (None, None)
        if match and place and int(match["port"]) in PORT_LIMITS:
            return int(match["port"]), Evidence(place.path, place.line, f"listens on port {match['port']}")
    return default, Evidence(folder.root or ".", None, f"no port found; defaults to {default}, passed as PORT")


def health_path(folder: Folder, endings: Endings) -> tuple[str, tuple[Evidence, ...]]:
    """The first of the usual paths that the code contains, or else `/`."""
    for path, pattern in _HEALTH_PATHS.items():
        _, place = folder.search(pattern, endings) or (None, None)
        if place:
            return path, (Evidence(place.path, place.line, f"serves {path}"),)
    return "/", ()


def metrics_path(
    folder: Folder, endings: Endings, depends: Collection[str], clients: Collection[str], manifest: str
) -> tuple[str, tuple[Evidence, ...]]:
    """`/metrics` if the code contains it or depends on one of the client libraries; or else an empty text."""
    _, place = folder.search(_METRICS_PATH, endings) or (None, None)
    if place:
        return "/metrics", (Evidence(place.path, place.line, "serves /metrics"),)
    client = next((client for client in clients if client in depends), "")
    if client:
        return "/metrics", (Evidence(folder.path(manifest), None, f"depends on {client}, which exposes metrics"),)
    return "", ()


def settings(
    folder: Folder, endings: Endings, *reads: RepeatedPattern, strict: tuple[RepeatedPattern, ...] = ()
) -> tuple[Setting, ...]:
    """Variables that the code reads: at most MAX_SETTINGS. The first pattern that matches a name counts.

    Patterns have the group name, may have default, and do not count where they match the group unless. The code fails at a `strict`
    pattern when a variable without a default is unset. Strict patterns are tried first.
    """
    by_name: dict[str, Setting] = {}
    for pattern in (*strict, *reads):
        for name, text in folder.sources(endings):
            for match in _reads(pattern, text):
                variable = match["name"]
                if variable in _PLATFORM or variable in by_name:
                    continue
                if len(by_name) == MAX_SETTINGS:
                    folder.warn(f"{folder.title} reads more than {MAX_SETTINGS} variables. The rest is not listed.")
                    return tuple(by_name[name] for name in sorted(by_name))
                evidence = Evidence(folder.path(name), line_of(text, match.start()), f"reads {variable}")
                default = match.groupdict().get("default")
                by_name[variable] = _setting(variable, default, evidence, strict=pattern in strict)
    return tuple(by_name[name] for name in sorted(by_name))


def _reads(pattern: RepeatedPattern, text: str) -> Iterator[Match]:
    """The matches that are no assignments."""
    for match in pattern.finditer(text):
        behind = text[match.end() : match.end() + _ASSIGNMENT].lstrip()[:2]
        assigned = behind.startswith("=") and behind != "=="
        if not assigned and match.groupdict().get("unless") is None:
            yield match


def _setting(name: str, default: str | None, evidence: Evidence, *, strict: bool) -> Setting:
    secret = bool(_SECRET.search(name))
    missing = default is None or default.strip() in ("None", "null", "nil", "undefined", "''", '""')
    required = (default is None and strict) or (secret and missing)
    return Setting(name, HIDDEN if secret and default else default, secret, evidence, required)


def needs(depends: Collection[str], kinds: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The kinds of servers that the packages are clients of, in the order of `kinds`."""
    return tuple(kind for kind, clients in kinds.items() if any(client in depends for client in clients))
