"""Which files of a repository to fetch: manifests first, then sources that show port and configuration."""

from collections.abc import Iterator, Sequence

import patterns
from stacks import container, listing, platform_files
from stacks.candidates import MAX_FOLDERS, MAX_SOURCE_DEPTH, folders, skipped
from stacks.families import FAMILIES, LOCKS, manifests

MAX_FETCHED = 120
MAX_SOURCES = 8
"""Per folder. Every fetched file is one request to the source host."""

MAX_OURS = 60
"""Files of an earlier proposal, which are compared with the new one."""

WORKFLOW = ".github/workflows/onramp.yml"

_TEST = patterns.compile(r"(^|/)(test_[^/]*|[^/]*_test|conftest|setup|[^/]*\.(test|spec|config|d))\.[a-z]+$")
_OURS = patterns.compile(r"deploy/[^/]+/[^/]+\.yaml|catalog-info\.yaml|(?:[\w.-]+/){0,4}Dockerfile\.dockerignore")
_OURS_END = (".yaml", "Dockerfile.dockerignore")
_OWNERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS")


def wanted(paths: Sequence[str]) -> tuple[str, ...]:
    """The files whose text `read`, and the comparison with an earlier proposal, need.

    At most MAX_FETCHED: manifests before sources before lock files.
    """
    paths, _ = listing.readable(paths)
    present = set(paths)
    chosen = [path for path in (*_OWNERS, WORKFLOW) if path in present]
    chosen += sorted(path for path in present if path.endswith(_OURS_END) and _OURS.fullmatch(path))[:MAX_OURS]
    candidates = list(folders(paths).items())[:MAX_FOLDERS]
    for root, files in candidates:
        chosen += [_join(root, name) for name in _manifests(files)]
    for root, files in candidates:
        chosen += [_join(root, name) for name in _sources(files)]
    for root, files in candidates:
        chosen += [_join(root, name) for name in LOCKS if name in files]
    return tuple(dict.fromkeys(chosen))[:MAX_FETCHED]


def _manifests(files: frozenset[str]) -> Iterator[str]:
    names, endings = manifests()
    shared = ("Procfile", *container.NAMES, container.IGNORE, *platform_files.READ)
    yield from (name for name in (*shared, *names) if name in files)
    yield from sorted(name for name in files if "/" not in name and name.endswith(endings))


def _sources(files: frozenset[str]) -> list[str]:
    """Entry points by name, the shallow ones first, then the sources beside them."""
    names = {name for name in files if "/" not in name}
    present = [family for family in FAMILIES if _marked(family.markers, names)] or FAMILIES
    endings = tuple(ending for family in present for ending in family.endings)
    entries = {name: number for family in present for number, name in enumerate(family.entries)}
    candidates = [
        path
        for path in files
        if path.endswith(endings) and ("/" not in path or path.rpartition("/")[2] in entries) and not _TEST.search(path)
    ]

    def rank(path: str) -> tuple[bool, int, int, str]:
        name = path.rpartition("/")[2]
        return name not in entries, path.count("/"), entries.get(name, 0), path

    near = [path for path in candidates if not skipped(path.rpartition("/")[0], MAX_SOURCE_DEPTH)]
    return sorted(near, key=rank)[:MAX_SOURCES]


def _marked(markers: tuple[str, ...], names: set[str]) -> bool:
    endings = tuple(marker[1:] for marker in markers if marker.startswith("*"))
    return any(marker in names for marker in markers) or any(name.endswith(endings) for name in names if endings)


def _join(root: str, name: str) -> str:
    return f"{root}/{name}" if root else name
