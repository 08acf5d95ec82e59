"""What can enter a generated file: checked here, wherever it comes from, because YAML quoting does not stop an expression."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass

from generate.files import Placement
from stacks import Component, harmless

MULTILINE = {"cluster_ca"}
NOT_GENERATED = {"evidence", "alternatives", "left", "default"}
"""Fields that are shown but never written into a file that a tool executes."""
_NOT_IN_REFS = set(" ~^:?*[\\")
"""https://git-scm.com/docs/git-check-ref-format"""


class Unsafe(ValueError):
    """A value must not enter generated files; the message names it for people."""


def verify(components: Sequence[Component], placement: Placement) -> None:
    """Raises Unsafe for an expression of a pipeline, a control character, or a branch that git would not have."""
    if not placement.default_branch or _NOT_IN_REFS.intersection(placement.default_branch):
        raise Unsafe(f"“{_shown(placement.default_branch)}” cannot be the name of a branch.")
    for value in (placement, *components):
        for name, text in _texts(value):
            if not harmless(text.replace("\n", "") if name in MULTILINE else text):
                raise Unsafe(
                    f"“{_shown(text)}” contains an expression or a control character, which Onramp does not write into "
                    "pipelines. Rename or remove it."
                )


def _texts(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """(field, text) of every text within."""
    if isinstance(value, str):
        yield name, value
    elif is_dataclass(value):
        for each in fields(value):
            if each.name not in NOT_GENERATED:
                yield from _texts(getattr(value, each.name), each.name)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from (*_texts(key, name), *_texts(item, name))
    elif isinstance(value, Sequence):
        for item in value:
            yield from _texts(item, name)


def _shown(text: str) -> str:
    return text.encode("unicode_escape").decode()[:60]
