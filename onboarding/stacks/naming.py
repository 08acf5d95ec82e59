"""Names of components: DNS labels (RFC 1123), each once."""

import re
from dataclasses import replace

from onboarding.stacks.components import Component

MAX_LENGTH = 50
_NOT_A_NAME = re.compile(r"[^a-z0-9]+")


def label(text: str) -> str:
    """A DNS label made of a folder's or a repository's name; it begins with a letter, as a Service's must."""
    found = _NOT_A_NAME.sub("-", text.lower()).strip("-")[:MAX_LENGTH].rstrip("-")
    return found if found and found[0].isalpha() else f"app-{found}"[:MAX_LENGTH].rstrip("-")


def distinct(components: list[Component]) -> list[Component]:
    """Two folders of one name in different places: the later one carries the names above it too, or a number."""
    seen: set[str] = set()
    result = []
    for one in components:
        name = next(name for name in _candidates(one) if name not in seen)
        seen.add(name)
        result.append(replace(one, name=name))
    return result


def _candidates(one: Component) -> list[str]:
    long = label(one.root.replace("/", "-")) if one.root else one.name
    numbered = [f"{one.name[: MAX_LENGTH - 4]}-{number}" for number in range(2, 100)]
    return [one.name, long, *numbered]
