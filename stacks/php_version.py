"""The PHP version that a folder pins or requires."""

import patterns
from stacks import pinning
from stacks.components import Evidence
from stacks.folder import Folder
from stacks.runtimes import Runtime

RUNTIME = Runtime(
    "PHP",
    default="8.4",
    supported=("8.2", "8.3", "8.4", "8.5"),
    ended=("5.6", "7.4", "8.0", "8.1"),
    as_of="2026-11",  # https://www.php.net/supported-versions.php; 8.2 ends with this year
)
_PINNED = patterns.compile(r"^[ \t]*(\d\.\d)", multiline=True)


def version(folder: Folder, required: str) -> tuple[str, list[Evidence]]:
    pinned = pinning.file_version(folder, ".php-version", _PINNED)
    if pinned:
        evidence = Evidence(folder.path(".php-version"), 1, f"pins PHP {pinned}")
        return pinning.checked(folder, RUNTIME, pinned, evidence)
    allowed = RUNTIME.allowed(required)
    if allowed:
        evidence = Evidence(folder.path("composer.json"), None, f"requires PHP {required}")
        return pinning.checked(folder, RUNTIME, allowed, evidence)
    managed = pinning.pinned(folder, "php")
    return pinning.checked(folder, RUNTIME, ".".join(managed[0].split(".")[:2]), managed[1]) if managed else ("", [])
