"""What every family's sources tell of serving: port, health and metrics paths, variables read."""

import re
from collections.abc import Mapping

from onboarding.stacks.components import Evidence, Setting
from onboarding.stacks.folder import Folder

PORT_LIMITS = range(1, 65536)
HEALTH_PATHS = ("/healthz", "/health", "/livez", "/readyz", "/ready", "/ping", "/up", "/status")
_SECRET = re.compile(r"(SECRET|TOKEN|PASSWORD|PASSWD|API_?KEY|PRIVATE|CREDENTIAL|DSN)")
_PLATFORM = {"PORT", "HOST", "HOME", "PATH", "NODE_ENV", "HOSTNAME", "PYTHONPATH", "USER", "TMPDIR"}


def port(folder: Folder, ending: str, patterns: tuple[str, ...], fallback: int) -> tuple[int, Evidence]:
    """The port that the code listens on, with the line that says so, or the family's usual one."""
    for pattern in patterns:
        found = folder.seek(pattern, ending)
        if found and int(found[0]["port"]) in PORT_LIMITS:
            evidence = Evidence(found[1].path, found[1].line, f"listens on port {found[0]['port']}")
            return int(found[0]["port"]), evidence
    return fallback, Evidence(folder.root or ".", None, f"names no port; {fallback} is usual and is given as PORT")


def health_path(folder: Folder, ending: str) -> tuple[str, Evidence | None]:
    for path in HEALTH_PATHS:
        found = folder.seek(rf"[\"'`]{re.escape(path)}/?[\"'`]", ending)
        if found:
            return path, Evidence(found[1].path, found[1].line, f"answers {path}")
    return "/", None


def metrics_path(folder: Folder, ending: str) -> tuple[str, Evidence | None]:
    found = folder.seek(r"[\"'`]/metrics/?[\"'`]", ending)
    if found:
        return "/metrics", Evidence(found[1].path, found[1].line, "exposes metrics of its own")
    return "", None


def settings(folder: Folder, ending: str, pattern: str) -> tuple[Setting, ...]:
    """Variables that the code reads; `pattern` has the groups name and, where there is one, default."""
    found: dict[str, Setting] = {}
    for name, text in folder.sources(ending):
        for match in re.finditer(pattern, text):
            variable = match["name"]
            if variable in _PLATFORM or variable in found:
                continue
            line = text.count("\n", 0, match.start()) + 1
            evidence = Evidence(folder.path(name), line, f"reads {variable}")
            found[variable] = Setting(variable, match["default"], bool(_SECRET.search(variable)), evidence)
    return tuple(found[name] for name in sorted(found))


def procfile(folder: Folder) -> Mapping[str, tuple[str, int]]:
    """Process name → (command, line) of a Procfile. https://devcenter.heroku.com/articles/procfile"""
    found = {}
    for number, line in enumerate(folder.text("Procfile").splitlines(), 1):
        match = re.fullmatch(r"\s*([A-Za-z0-9_-]+)\s*:\s*(\S.*?)\s*", line)
        if match:
            found[match[1]] = (match[2], number)
    return found
