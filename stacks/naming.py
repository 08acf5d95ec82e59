"""Names of components: unique DNS labels (RFC 1123)."""

from dataclasses import replace

import patterns
from stacks.components import Component

MAX_LENGTH = 50
_SEPARATORS = patterns.repeated(r"[^a-z0-9]{1,1000}")


def label(text: str) -> str:
    """A DNS label from the name of a folder or a repository. It starts with a letter, as a Service requires."""
    slug = _SEPARATORS.sub("-", text.lower()).strip("-")[:MAX_LENGTH].rstrip("-")
    return slug if slug and slug[0].isalpha() else f"app-{slug}"[:MAX_LENGTH].rstrip("-")


def distinct(components: list[Component]) -> list[Component]:
    """Rename components whose folders share a name: the later one gets its whole path as a name, or a number."""
    taken: set[str] = set()
    renamed = []
    for component in components:
        name = next(name for name in _candidates(component) if name not in taken)
        taken.add(name)
        renamed.append(replace(component, name=name))
    return renamed


def _candidates(component: Component) -> list[str]:
    long = label(component.root.replace("/", "-")) if component.root else component.name
    numbered = [f"{component.name[: MAX_LENGTH - 4]}-{number}" for number in range(2, 100)]
    return [component.name, long, *numbered]
