"""Which folders of a repository are components, and what each of them is."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from onboarding.stacks import container, node, python
from onboarding.stacks.components import Component, Reading, Unknown
from onboarding.stacks.folder import Folder

FAMILIES = (node, python)
"""In the order in which they are asked; each module has MARKERS, SOURCES and `read`."""

MAX_FETCHED = 60
MAX_DEPTH = 4
_SKIPPED = re.compile(
    r"(^|/)(node_modules|vendor|\.venv|venv|site-packages|dist|build|target|\.git|testdata|fixtures|__tests__|tests?|examples?)/"
)
_PLAIN = (
    *("Procfile", "Dockerfile", "Containerfile", "requirements.txt", "pyproject.toml", "package.json"),
    *(".python-version", "runtime.txt", ".nvmrc", ".node-version"),
)
_WHOLE = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS")
_OURS = re.compile(r"\.github/workflows/[^/]+\.ya?ml|deploy/[^/]+/[^/]+\.yaml")
_NOT_A_NAME = re.compile(r"[^a-z0-9-]+")


def wanted(paths: Sequence[str]) -> tuple[str, ...]:
    """The files whose text `read` needs, at most MAX_FETCHED, the shallow ones first."""
    folders = _folders(paths)
    present = set(paths)
    found = [path for path in (*_WHOLE, *(one for one in paths if _OURS.fullmatch(one))) if path in present]
    for root in folders:
        own = [_join(root, name) for name in (*_PLAIN, *python.SOURCES, *node.SOURCES)]
        found += [path for path in own if path in present]
        found += sorted(one for one in paths if _directly_in(one, root) and one.endswith((".py", ".js", ".mjs")))[:8]
    return tuple(dict.fromkeys(found))[:MAX_FETCHED]


def read(paths: Sequence[str], texts: Mapping[str, str], default_name: str) -> Reading:
    """The components of the repository; `default_name` names one at its root."""
    warnings: list[str] = []
    components: list[Component] = []
    for root in _folders(paths):
        folder = Folder(root, _below(paths, root), texts, warnings)
        found = _component(folder, _name(root.rpartition("/")[2] or default_name))
        if found is not None:
            components.append(found)
    components = [one for one in components if _safe(one, warnings)]
    if components:
        return Reading(tuple(_distinct(components)), None, tuple(warnings))
    return Reading((), _unknown(paths), tuple(warnings))


def _component(folder: Folder, name: str) -> Component | None:
    for family in FAMILIES:
        found = family.read(folder, name)
        if found is not None:
            return container.decided_by(found, folder)
    return container.read(folder, name)


def _folders(paths: Sequence[str]) -> list[str]:
    """Folders that hold a manifest, the repository's root first."""
    markers = {marker for family in FAMILIES for marker in family.MARKERS} | set(container.NAMES)
    found = {
        folder
        for folder, _, name in (path.rpartition("/") for path in paths)
        if name in markers and folder.count("/") < MAX_DEPTH and not _SKIPPED.search(f"{folder}/")
    }
    return sorted(found, key=lambda folder: (folder.count("/") if folder else -1, folder))


def _below(paths: Iterable[str], root: str) -> frozenset[str]:
    prefix = f"{root}/" if root else ""
    return frozenset(path.removeprefix(prefix) for path in paths if path.startswith(prefix))


def _directly_in(path: str, root: str) -> bool:
    return path.rpartition("/")[0] == root


def _join(root: str, name: str) -> str:
    return f"{root}/{name}" if root else name


def _name(text: str) -> str:
    """A DNS label (RFC 1123) made of a folder's or a repository's name."""
    label = _NOT_A_NAME.sub("-", text.lower()).strip("-")[:50].rstrip("-")
    return label if label and label[0].isalpha() else f"app-{label}".rstrip("-")


def _distinct(components: list[Component]) -> list[Component]:
    """Two folders of one name in different places: the deeper one carries its parent's name too."""
    seen: set[str] = set()
    result = []
    for one in components:
        name = one.name
        if name in seen:
            name = _name(one.root.replace("/", "-"))
        seen.add(name)
        result.append(replace(one, name=name))
    return result


def _safe(component: Component, warnings: list[str]) -> bool:
    """Nothing from a repository may carry an expression or a control character into what is generated."""
    taken = [component.root, component.container_file, component.version, *component.start, *component.test]
    for text in taken:
        if not harmless(text):
            shown = text.encode("unicode_escape").decode()[:60]
            warnings.append(f"{component.name} was left out: “{shown}” holds an expression or a control character.")
            return False
    return True


def harmless(text: str) -> bool:
    """Neither an expression of a pipeline nor a control character."""
    return "${{" not in text and text.isprintable()


def _unknown(paths: Sequence[str]) -> Unknown:
    looked = tuple(path for path in paths if "/" not in path)[:12]
    if not _folders(paths):
        reason = "No manifest of a language that Onramp knows was found"
    else:
        reason = "Manifests were found, but nothing in them says what would be started"
    return Unknown(
        f"{reason}. A Dockerfile in the component's folder, with EXPOSE and CMD, is always understood.", looked
    )
