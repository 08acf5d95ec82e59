"""YAML as GitHub reads it: with the booleans of version 1.2 (`on` is a string) and without duplicate keys."""

import re
from typing import Any

import yaml

Location = tuple[str | int, ...]
"""The path to a part of the file: keys of mappings and indexes of lists."""


class WorkflowError(Exception):
    """The file is not a valid workflow. The message says where and why."""


class _Loader(yaml.SafeLoader):
    """Also raises yaml.YAMLError for a duplicate key."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [str(key.value) for key, _ in node.value]
        for key, _ in node.value:
            if keys.count(str(key.value)) > 1:
                raise yaml.MarkedYAMLError(problem=f"'{key.value}' is already defined", problem_mark=key.start_mark)
        mapping = super().construct_mapping(node, deep)
        return {str(key): value for key, value in mapping.items()}


_UNUSED_TAGS = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag not in _UNUSED_TAGS]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF"))


def load(text: str) -> dict[str, Any]:
    """Raises WorkflowError."""
    try:
        document = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise WorkflowError(f"You have an error in your yaml syntax: {' '.join(str(error).split())}") from error
    if not isinstance(document, dict):
        raise error_at((), "A mapping was expected")
    return document


def error_at(location: Location, message: str) -> WorkflowError:
    return WorkflowError(f"{'.'.join(map(str, location))}: {message}" if location else message)
