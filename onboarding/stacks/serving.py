"""What every family's sources tell of serving: port, health and metrics paths, variables that are read."""

import re
import shlex
from collections.abc import Collection, Mapping

from onboarding.stacks import existing
from onboarding.stacks.components import Command, Evidence, Setting
from onboarding.stacks.folder import MAX_COMMAND, Folder, line_of

PORT_LIMITS = range(1, 65536)
HEALTH_PATHS = (
    *("/healthz", "/health", "/livez", "/readyz", "/ready", "/_health", "/api/healthz", "/api/health"),
    *("/ping", "/up", "/status"),
)
HIDDEN = "(a default in the code)"
_SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|PASSWD|API_?KEY|PRIVATE|CREDENTIAL|DSN|DATABASE_URL|(?:^|_)KEY$")
_PLATFORM = {"PORT", "HOST", "HOME", "PATH", "NODE_ENV", "HOSTNAME", "PYTHONPATH", "USER", "TMPDIR", "CI"}
_IN_COMMAND = re.compile(r"(?:--port[= ]|-p |--bind[= ]\S*?:|-b \S*?:)(?P<port>\d{2,5})\b")

Endings = tuple[str, ...]


def port(
    folder: Folder, endings: Endings, patterns: tuple[str, ...], start: Command, usual: int
) -> tuple[int, Evidence]:
    """The port of the start command, else the one that the code names, else the usual one."""
    said = _IN_COMMAND.search(" ".join(start))
    if said and int(said["port"]) in PORT_LIMITS:
        return int(said["port"]), Evidence(folder.root or ".", None, f"is started on port {said['port']}")
    for pattern in patterns:
        found = folder.seek(pattern, endings)
        if found and int(found[0]["port"]) in PORT_LIMITS:
            place = found[1]
            return int(found[0]["port"]), Evidence(place.path, place.line, f"listens on port {found[0]['port']}")
    return usual, Evidence(folder.root or ".", None, f"names no port; {usual} is usual and is given as PORT")


def health_path(folder: Folder, endings: Endings) -> tuple[str, tuple[Evidence, ...]]:
    """The first of the usual paths that the code names, else the start page."""
    for path in HEALTH_PATHS:
        found = folder.seek(rf"[\"'`]{re.escape(path)}/?[\"'`]", endings)
        if found:
            return path, (Evidence(found[1].path, found[1].line, f"answers {path}"),)
    return "/", ()


def metrics_path(
    folder: Folder, endings: Endings, depends: Collection[str], clients: Collection[str], manifest: str
) -> tuple[str, tuple[Evidence, ...]]:
    """`/metrics` where the code names it, or where it depends on a client library for it."""
    found = folder.seek(r"[\"'`]/metrics/?[\"'`]", endings)
    if found:
        return "/metrics", (Evidence(found[1].path, found[1].line, "exposes metrics of its own"),)
    client = next((one for one in clients if one in depends), "")
    if client:
        return "/metrics", (Evidence(folder.path(manifest), None, f"depends on {client}, which exposes metrics"),)
    return "", ()


def settings(folder: Folder, endings: Endings, *patterns: str, strict: tuple[str, ...] = ()) -> tuple[Setting, ...]:
    """Variables that the code reads. Patterns have the groups name and default; the first that matches a name counts, and
    of a name without a default the `strict` ones: those fail where it is not set."""
    found: dict[str, Setting] = {}
    for pattern in (*strict, *patterns):
        for name, text in folder.sources(endings):
            for match in re.finditer(pattern, text):
                variable = match["name"]
                if variable not in _PLATFORM and variable not in found:
                    place = Evidence(folder.path(name), line_of(text, match.start()), f"reads {variable}")
                    found[variable] = _setting(variable, match["default"], place, strict=pattern in strict)
    return tuple(found[name] for name in sorted(found))


def _setting(name: str, default: str | None, place: Evidence, *, strict: bool) -> Setting:
    secret = bool(_SECRET.search(name))
    missing = default is None or default.strip() in ("None", "null", "nil", "undefined", "''", '""')
    required = (default is None and strict) or (secret and missing)
    return Setting(name, HIDDEN if secret and default else default, secret, place, required)


def procfile(folder: Folder) -> Mapping[str, tuple[str, int]]:
    """Process name → (command, line) of a Procfile. https://devcenter.heroku.com/articles/procfile"""
    found = {}
    for number, line in enumerate(folder.text("Procfile").splitlines(), 1):
        name, _, command = (part.strip() for part in line.partition(":"))
        if re.fullmatch(r"[A-Za-z0-9_-]+", name) and 0 < len(command) <= MAX_COMMAND:
            found[name] = (command, number)
    return found


def started_by_procfile(folder: Folder, programs: re.Pattern[str]) -> tuple[Command, Evidence] | None:
    """The web process, or the only one there is, where its program is one of this language's."""
    processes = procfile(folder)
    if not processes:
        return _started_elsewhere(folder, programs)
    name = "web" if "web" in processes else next(iter(processes), "")
    if not name or (name != "web" and len(processes) > 1):
        return None
    command, line = processes[name]
    if not programs.search(command):
        return None
    try:
        return words(command), Evidence(folder.path("Procfile"), line, f"starts with: {command}")
    except ValueError as error:
        folder.warn(f"{folder.path('Procfile')} has a command that cannot be read: {error}.")
        return None


def _started_elsewhere(folder: Folder, programs: re.Pattern[str]) -> tuple[Command, Evidence] | None:
    """What another platform's file says, where its program is one of this language's."""
    found = existing.start(folder)
    if found is None or len(found[0]) > MAX_COMMAND or not programs.search(found[0]):
        return None
    try:
        return words(found[0].strip()), found[1]
    except ValueError as error:
        folder.warn(f"{found[1].path} has a command that cannot be read: {error}.")
        return None


def words(command: str) -> Command:
    """The command as an argument list; one that needs a shell is given to one. Raises ValueError for open quotes."""
    split = tuple(shlex.split(command))
    if not re.search(r"[$&|;<>`]", command) and not re.match(r"\w+=", command):
        return split
    alone = not re.search(r"[&|;<>`]", command) and not re.match(r"\w+=", command)
    return ("sh", "-c", f"exec {command}" if alone else command)  # exec: signals reach the program itself


def other_processes(folder: Folder) -> tuple[str, ...]:
    """What the Procfile would start beside the web process."""
    processes = procfile(folder)
    if len(processes) < 2 or "web" not in processes:
        return ()
    return tuple(f"{name}: {command}" for name, (command, _) in processes.items() if name != "web")


def needs(depends: Collection[str], kinds: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The kinds of servers that the packages are clients of, in the order of `kinds`."""
    return tuple(kind for kind, packages in kinds.items() if any(one in depends for one in packages))
