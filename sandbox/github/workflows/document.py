"""YAML as GitHub reads it: version 1.2's booleans (`on` is a word), and no key twice."""

import re
from typing import Any

import yaml

Place = tuple[str | int, ...]


class WorkflowError(Exception):
    """The file is no valid workflow; the text says where and why."""


class _Loader(yaml.SafeLoader):
    """Raises yaml.YAMLError, too, for a key that stands there twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [str(key.value) for key, _ in node.value]
        for key, _ in node.value:
            if keys.count(str(key.value)) > 1:
                raise yaml.MarkedYAMLError(problem=f"'{key.value}' is already defined", problem_mark=key.start_mark)
        found = super().construct_mapping(node, deep)
        return {str(key): value for key, value in found.items()}


_NOT_HERE = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in found if tag not in _NOT_HERE]
    for letter, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF"))


def load(text: str) -> dict[str, Any]:
    """Raises WorkflowError."""
    try:
        found = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise WorkflowError(f"You have an error in your yaml syntax: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict):
        raise wrong((), "A mapping was expected")
    return found


def wrong(place: Place, message: str) -> WorkflowError:
    """`place` is the way to the part that is wrong: keys, and numbers in lists."""
    return WorkflowError(f"{'.'.join(map(str, place))}: {message}" if place else message)
