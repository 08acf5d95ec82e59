"""How a reading compares with a label."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.reading.corpus import Row
from bench.reading.starts import equivalent
from onboarding import stacks
from onboarding.stacks import Component, Reading

_SAME = {
    "node": {"javascript", "typescript", "bun"},
    "java": {"kotlin", "jvm", "maven", "gradle"},
    "dotnet": {"csharp", "fsharp", "c#", "f#", "vb"},
    "cpp": {"c", "c++"},
    "static": {"staticfile", "html", "nginx"},
    "shell": {"bash", "sh"},
    "go": {"golang"},
    "dockerfile": {"docker", "container"},
}
"""Names that corpora use for a family."""
_TAGS = {"postgres": "postgresql", "staticfile": "static", "postgresql": "postgresql"}


@dataclass(frozen=True)
class Verdict:
    """None where the label says nothing of it. `family` is right, wrong or unknown."""

    row: Row
    reading: Reading
    family: str | None
    start: bool | None
    tags: bool | None
    missed: frozenset[str]
    invented: frozenset[str]

    @property
    def primary(self) -> Component | None:
        """The component at the root, else the first."""
        found = [*self.reading.components, *self.reading.others]
        return next((one for one in found if not one.root), found[0] if found else None)


def judge(row: Row) -> Verdict:
    """Read the row as a plan reads a repository: the text of what is wanted, and no more."""
    wanted = set(stacks.wanted(row.files))
    texts = {path: text for path, text in row.manifests.items() if path in wanted}
    reading = stacks.read(row.files, texts, row.root.rpartition("/")[2] or "app")
    return scored(row, reading)


def scored(row: Row, reading: Reading) -> Verdict:
    expected = row.expected
    verdict = Verdict(row, reading, None, None, None, frozenset(), frozenset())
    primary = verdict.primary
    family = _family(expected.family, reading.family) if expected.family else None
    start = None
    if expected.start_command is not None and expected.family:
        start = any(
            equivalent(expected.start_command, one, _below(row.manifests, one.root)) for one in reading.components
        )
    tags = None
    if expected.tags is not None and expected.family:
        tags = primary is not None and _tagged(expected.tags, primary)
    missed: frozenset[str] = frozenset()
    invented: frozenset[str] = frozenset()
    if expected.components is not None:
        found, labelled = {one.root for one in reading.components}, {_root(one) for one in expected.components}
        missed, invented = frozenset(labelled - found), frozenset(found - labelled)
    return Verdict(row, reading, family, start, tags, missed, invented)


def _family(expected: str, found: str) -> str:
    if not found or (found == "dockerfile" and expected.lower() not in _SAME[found]):
        return "unknown"
    same = found == expected or expected.lower() in _SAME.get(found, set())
    return "right" if same else "wrong"


def _below(manifests: Mapping[str, str], root: str) -> dict[str, str]:
    """The manifests as seen from a component's folder, over those of the repository's root."""
    own = {path[len(root) + 1 :]: text for path, text in manifests.items() if root and path.startswith(f"{root}/")}
    return {**manifests, **own}


def _root(component: str) -> str:
    return "" if component in (".", "./") else component.removeprefix("./").rstrip("/")


def _tagged(tags: list[str], one: Component) -> bool:
    known = {
        one.family,
        one.framework,
        one.language.lower(),
        one.package_manager,
        *one.needs,
        *_SAME.get(one.family, set()),
    }
    return all(_TAGS.get(tag.lower(), tag.lower()) in known for tag in tags)
