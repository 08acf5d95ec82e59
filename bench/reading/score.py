"""How a reading compares with its label."""

from collections.abc import Mapping
from dataclasses import dataclass

import stacks
from bench.reading.corpus import Row
from bench.reading.starts import equivalent
from stacks import Component, Reading

_SYNONYMS = {
    "node": {"javascript", "typescript", "bun"},
    "java": {"kotlin", "jvm", "maven", "gradle"},
    "dotnet": {"csharp", "fsharp", "c#", "f#", "vb"},
    "cpp": {"c", "c++"},
    "static": {"staticfile", "html", "nginx"},
    "shell": {"bash", "sh"},
    "go": {"golang"},
    "dockerfile": {"docker", "container"},
}
"""Other names that corpora use for a family."""
_TAGS = {"postgres": "postgresql", "staticfile": "static", "postgresql": "postgresql"}


@dataclass(frozen=True)
class Verdict:
    """None for whatever the label leaves out. `family` is right, wrong or unknown."""

    row: Row
    reading: Reading
    family: str | None
    start: bool | None
    tags: bool | None
    missed: frozenset[str]
    invented: frozenset[str]

    @property
    def primary(self) -> Component | None:
        return _primary(self.reading)


def judge(row: Row) -> Verdict:
    """Read the row as a plan reads a repository (only the texts that `stacks.wanted` names), and score it."""
    wanted = set(stacks.wanted(row.files))
    texts = {path: text for path, text in row.manifests.items() if path in wanted}
    reading = stacks.read(row.files, texts, row.root.rpartition("/")[2] or "app")
    missed, invented = _differences(row, reading)
    return Verdict(
        row=row,
        reading=reading,
        family=_family(row.expected.family, reading.family) if row.expected.family else None,
        start=_start(row, reading),
        tags=_tags(row, reading),
        missed=missed,
        invented=invented,
    )


def _primary(reading: Reading) -> Component | None:
    """The component at the root, else the first."""
    components = [*reading.components, *reading.others]
    return next((component for component in components if not component.root), components[0] if components else None)


def _family(expected: str, read: str) -> str:
    if not read or (read == "dockerfile" and expected.lower() not in _SYNONYMS[read]):
        return "unknown"
    same = read == expected or expected.lower() in _SYNONYMS.get(read, set())
    return "right" if same else "wrong"


def _start(row: Row, reading: Reading) -> bool | None:
    command = row.expected.start_command
    if command is None or not row.expected.family:
        return None
    return any(
        equivalent(command, component, _manifests_below(row.manifests, component.root))
        for component in reading.components
    )


def _manifests_below(manifests: Mapping[str, str], root: str) -> dict[str, str]:
    """The manifests by their paths in a component's folder, and those of the repository's root."""
    below = {path[len(root) + 1 :]: text for path, text in manifests.items() if root and path.startswith(f"{root}/")}
    return {**manifests, **below}


def _tags(row: Row, reading: Reading) -> bool | None:
    if row.expected.tags is None or not row.expected.family:
        return None
    primary = _primary(reading)
    return primary is not None and _has_tags(primary, row.expected.tags)


def _has_tags(component: Component, tags: list[str]) -> bool:
    terms = {
        component.family,
        component.framework,
        component.language.lower(),
        component.package_manager,
        *component.needs,
        *_SYNONYMS.get(component.family, set()),
    }
    return all(_TAGS.get(tag.lower(), tag.lower()) in terms for tag in tags)


def _differences(row: Row, reading: Reading) -> tuple[frozenset[str], frozenset[str]]:
    """(labelled folders that were not read, folders that were read but are not labelled); empty without a label."""
    if row.expected.components is None:
        return frozenset(), frozenset()
    read = {component.root for component in reading.components}
    labelled = {_root(folder) for folder in row.expected.components}
    return frozenset(labelled - read), frozenset(read - labelled)


def _root(folder: str) -> str:
    return "" if folder in (".", "./") else folder.removeprefix("./").rstrip("/")
