"""Which files of a repository are worth fetching: manifests first, then the sources that tell of port and configuration."""

import re
from collections.abc import Iterable, Iterator, Sequence

from onboarding.stacks import container, existing, locked
from onboarding.stacks.families import FAMILIES, manifests, markers

MAX_FETCHED = 120
MAX_SOURCES = 8
"""Of one folder. Every file that is fetched is one call to the source's host."""

MAX_OURS = 60
"""Files of an earlier proposal, which are compared with the new one."""

MAX_DEPTH = 4
MAX_FOLDERS = 60
WORKFLOW = ".github/workflows/onramp.yml"
_SKIPPED = {
    *("node_modules", "bower_components", "vendor", "third_party", "site-packages", "venv", "env", "__pycache__"),
    *("dist", "build", "target", "out", "tmp", "bin", "obj", "Pods", "deps", "_build"),
    *("test", "tests", "spec", "e2e", "__tests__", "__mocks__", "fixtures", "testdata", "testing", "benchmarks"),
}
_ASIDE = {"docs", "doc", "example", "examples", "sample", "samples", "demo", "demos", "templates", "website"}
"""Read after all others, and counted only where a workspace names them as members."""

_TEST = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|conftest|setup|[^/]*\.(test|spec|config|d))\.[a-z]+$")
_OURS = re.compile(r"deploy/[^/]+/[^/]+\.yaml|catalog-info\.yaml|(?:[\w.-]+/){0,4}Dockerfile\.dockerignore")
_OWNERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS")


def roots(paths: Iterable[str]) -> list[str]:
    """Folders that hold a manifest, the repository's root first and those aside last; the root itself, too, where
    sources lie in it that start something."""
    names, endings = markers()
    entries = {name for family in FAMILIES for name in family.ENTRIES}
    found: set[str] = set()
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder not in found and (
            name in names or name in container.NAMES or name.endswith(endings) or (not folder and name in entries)
        ):
            found.add(folder)
    if not found:
        found.add("")  # there may be sources, without any manifest
    # What lies aside counts where a workspace names it, and a workspace has a manifest at the repository's root.
    kept = (folder for folder in found if not _skipped(folder) and ("" in found or not aside(folder)))
    return sorted(kept, key=lambda one: (aside(one), len(_parts(one)), one))


def worth(folder: str) -> bool:
    """Whether a component may lie in this folder."""
    return not _skipped(folder)


def aside(folder: str) -> bool:
    """Whether it is usually no part of what a repository runs."""
    return any(part in _ASIDE for part in _parts(folder))


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
    """The files whose text `read` and a comparison with ours need, at most MAX_FETCHED, manifests before sources before
    lock files."""
    present = set(paths)
    found = [path for path in (*_OWNERS, WORKFLOW) if path in present]
    found += sorted(path for path in present if _OURS.fullmatch(path))[:MAX_OURS]
    held = list(folders(paths).items())[:MAX_FOLDERS]
    for root, files in held:
        found += [_join(root, name) for name in _manifests(files)]
    for root, files in held:
        found += [_join(root, name) for name in _sources(files)]
    for root, files in held:
        found += [_join(root, name) for name in locked.LOCKS if name in files]
    return tuple(dict.fromkeys(found))[:MAX_FETCHED]


def _manifests(files: frozenset[str]) -> Iterator[str]:
    names, endings = manifests()
    yield from (name for name in ("Procfile", *container.NAMES, container.IGNORE, *existing.READ) if name in files)
    yield from (name for name in names if name in files)
    yield from sorted(name for name in files if "/" not in name and name.endswith(endings))


def _sources(files: frozenset[str]) -> list[str]:
    """Entry points by name, the shallow ones first, then what lies beside them."""
    names = {name for name in files if "/" not in name}
    present = [family for family in FAMILIES if _marked(family.MARKERS, names)] or FAMILIES
    endings = tuple(ending for family in present for ending in family.ENDINGS)
    entries = {name: number for family in present for number, name in enumerate(family.ENTRIES)}
    candidates = [
        one
        for one in files
        if one.endswith(endings) and ("/" not in one or one.rpartition("/")[2] in entries) and not _TEST.search(one)
    ]

    def rank(path: str) -> tuple[bool, int, int, str]:
        name = path.rpartition("/")[2]
        return name not in entries, path.count("/"), entries.get(name, 0), path

    near = [one for one in candidates if not _skipped(one.rpartition("/")[0], 6)]
    return sorted(near, key=rank)[:MAX_SOURCES]


def _marked(markers: tuple[str, ...], names: set[str]) -> bool:
    endings = tuple(one[1:] for one in markers if one.startswith("*"))
    return any(one in names for one in markers) or (bool(endings) and any(name.endswith(endings) for name in names))


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
