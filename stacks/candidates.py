"""The folders of a repository that can contain a component, and which of its files belong to each."""

from collections.abc import Iterable, Iterator, Sequence

from stacks import container
from stacks.families import FAMILIES, markers

MAX_DEPTH = 4
MAX_SOURCE_DEPTH = 6
MAX_FOLDERS = 60
_SKIPPED = {
    *("node_modules", "bower_components", "vendor", "third_party", "site-packages", "venv", "env", "__pycache__"),
    *("dist", "build", "target", "out", "tmp", "bin", "obj", "Pods", "deps", "_build"),
    *("test", "tests", "spec", "e2e", "__tests__", "__mocks__", "fixtures", "testdata", "testing", "benchmarks"),
}
_ASIDE = {"docs", "doc", "example", "examples", "sample", "samples", "demo", "demos", "templates", "website"}
"""Read after all others, and only where a workspace names them as members."""


def roots(paths: Iterable[str]) -> list[str]:
    """Folders with a manifest, the repository's root first and folders aside last.

    The repository's root also counts if it contains a source that usually starts something.
    """
    names, endings = markers()
    entries = {name for family in FAMILIES for name in family.entries}
    candidates: set[str] = set()
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder not in candidates and (
            name in names or name in container.NAMES or name.endswith(endings) or (not folder and name in entries)
        ):
            candidates.add(folder)
    if not candidates:
        candidates.add("")  # there may be sources without any manifest
    # A folder aside counts only if a workspace names it, and a workspace has a manifest at the repository's root.
    kept = (folder for folder in candidates if not skipped(folder) and ("" in candidates or not aside(folder)))
    return sorted(kept, key=lambda folder: (aside(folder), len(_parts(folder)), folder))


def worth(folder: str) -> bool:
    """Whether this folder can contain a component."""
    return not skipped(folder)


def aside(folder: str) -> bool:
    """Whether the folder is usually no part of what a repository runs."""
    return any(part in _ASIDE for part in _parts(folder))


def folders(paths: Sequence[str]) -> dict[str, frozenset[str]]:
    """Root → its files, relative to it. A file belongs to the deepest root above it."""
    files: dict[str, set[str]] = {root: set() for root in roots(paths)}
    nearest: dict[str, str | None] = {}
    for path in paths:
        folder = path.rpartition("/")[0]
        if folder not in nearest:
            nearest[folder] = next((parent for parent in _upwards(folder) if parent in files), None)
        root = nearest[folder]
        if root is not None:
            files[root].add(path[len(root) + 1 :] if root else path)
    return {root: frozenset(names) for root, names in files.items()}


def skipped(folder: str, max_depth: int = MAX_DEPTH) -> bool:
    """Whether the folder is too deep, or has a name that shows that nothing in it is run."""
    parts = _parts(folder)
    return len(parts) > max_depth or any(part in _SKIPPED or part.startswith(".") for part in parts)


def _parts(folder: str) -> list[str]:
    return folder.split("/") if folder else []


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""
