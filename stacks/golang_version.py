"""The Go version that a folder pins or requires."""

import patterns
from stacks import pinning
from stacks.components import Evidence
from stacks.folder import Folder
from stacks.folder_files import line_of
from stacks.runtimes import Runtime

RUNTIME = Runtime(
    "Go",
    default="1.26",
    supported=("1.25", "1.26"),
    ended=tuple(f"1.{minor}" for minor in range(1, 25)),
    as_of="2026-11",  # https://go.dev/doc/devel/release
)
_MINIMUM = patterns.compile(r"^(?:toolchain go|go )(\d{1,9}\.\d{1,9})", multiline=True)


def version(folder: Folder, module: str) -> tuple[str, str, list[Evidence]]:
    """(version, the file that setup-go reads it from, evidence)."""
    pinned = pinning.file_version(folder, ".go-version")
    if pinned:
        return _minor(pinned), ".go-version", [Evidence(folder.path(".go-version"), 1, f"pins Go {pinned}")]
    minimum = _MINIMUM.search(module)
    if minimum:
        newest = max(minimum[1], RUNTIME.supported[0], key=lambda version: tuple(map(int, version.split("."))))
        line = line_of(module, minimum.start())
        return newest, "go.mod", [Evidence(folder.path("go.mod"), line, f"requires Go {minimum[1]} or later")]
    managed = pinning.pinned(folder, "go", "golang")
    return (_minor(managed[0]), "", [managed[1]]) if managed else ("", "", [])


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
