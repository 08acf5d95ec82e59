"""Which files of a repository are worth fetching: manifests first, then the sources that tell of port and configuration."""

import re
from collections.abc import Iterable, Iterator, Sequence

from onboarding.stacks import container
from onboarding.stacks.families import FAMILIES

MAX_FETCHED = 60
MAX_SOURCES = 8
"""Of one folder. Every file that is fetched is one call to the source's host."""

MAX_DEPTH = 4
MAX_COMPONENTS = 30
WORKFLOW = ".github/workflows/onramp.yml"
_SKIPPED = {
    *("node_modules", "bower_components", "vendor", "third_party", "site-packages", "venv", "env", "__pycache__"),
    *("dist", "build", "target", "out", "tmp", "docs", "doc"),
    *("test", "tests", "spec", "e2e", "__tests__", "__mocks__", "fixtures", "testdata"),
    *("example", "examples", "sample", "samples"),
}
_TEST = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|conftest|setup|[^/]*\.(test|spec|config|d))\.[a-z]+$")
_OURS = re.compile(r"deploy/[^/]+/[^/]+\.yaml")
_OWNERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS")


def roots(paths: Iterable[str]) -> list[str]:
    """Folders that hold a manifest, the repository's root first."""
    markers = {marker for family in FAMILIES for marker in family.MARKERS} | set(container.NAMES)
    found = {folder for folder, _, name in (path.rpartition("/") for path in paths) if name in markers}
    return sorted((folder for folder in found if not _skipped(folder)), key=lambda one: (len(_parts(one)), one))


def folders(paths: Sequence[str]) -> dict[str, frozenset[str]]:
    """Root → its files, relative to it. A file belongs to the deepest root above it."""
    found: dict[str, set[str]] = {root: set() for root in roots(paths)}
    nearest: dict[str, str | None] = {}
    for path in paths:
        folder = path.rpartition("/")[0]
        if folder not in nearest:
            nearest[folder] = next((one for one in _upwards(folder) if one in found), None)
        root = nearest[folder]
        if root is not None:
            found[root].add(path[len(root) + 1 :] if root else path)
    return {root: frozenset(files) for root, files in found.items()}


def wanted(paths: Sequence[str]) -> tuple[str, ...]:
    """The files whose text `read` and a comparison with ours need, at most MAX_FETCHED, manifests before sources."""
    present = set(paths)
    found = [path for path in (*_OWNERS, WORKFLOW) if path in present]
    found += sorted(path for path in present if _OURS.fullmatch(path))[:MAX_SOURCES]
    held = folders(paths)
    for root, files in list(held.items())[:MAX_COMPONENTS]:
        found += [_join(root, name) for name in _manifests() if name in files]
    for root, files in list(held.items())[:MAX_COMPONENTS]:
        found += [_join(root, name) for name in _sources(files)]
    return tuple(dict.fromkeys(found))[:MAX_FETCHED]


def _manifests() -> Iterator[str]:
    yield from ("Procfile", *container.NAMES, container.IGNORE)
    for family in FAMILIES:
        yield from family.MANIFESTS


def _sources(files: frozenset[str]) -> list[str]:
    """Entry points by name, the shallow ones first, then what lies beside them."""
    present = [family for family in FAMILIES if any(marker in files for marker in family.MARKERS)]
    endings = tuple(ending for family in present for ending in family.ENDINGS)
    entries = {name: number for family in present for number, name in enumerate(family.ENTRIES)}
    candidates = [one for one in files if endings and one.endswith(endings) and not _TEST.search(one)]

    def rank(path: str) -> tuple[bool, int, int, str]:
        name = path.rpartition("/")[2]
        return name not in entries, path.count("/"), entries.get(name, 0), path

    near = [one for one in candidates if not _skipped(one.rpartition("/")[0], 3)]
    return [one for one in sorted(near, key=rank) if one.rpartition("/")[2] in entries or "/" not in one][:MAX_SOURCES]


def _skipped(folder: str, deepest: int = MAX_DEPTH) -> bool:
    parts = _parts(folder)
    return len(parts) > deepest or any(part in _SKIPPED or part.startswith(".") for part in parts)


def _parts(folder: str) -> list[str]:
    return folder.split("/") if folder else []


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def _join(root: str, name: str) -> str:
    return f"{root}/{name}" if root else name
