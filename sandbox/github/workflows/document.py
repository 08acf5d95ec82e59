"""YAML as GitHub reads it: version 1.2's booleans (`on` is a word), no key twice, and every value's place."""

import re
from typing import Any

import yaml

DEEPEST = 30


class WorkflowError(Exception):
    """The file is no valid workflow; the text says where and why."""


class _Loader(yaml.SafeLoader):
    pass


_Loader.yaml_implicit_resolvers = {
    letter: [
        (tag, pattern) for tag, pattern in found if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
    ]
    for letter, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF"))

Place = tuple[str | int, ...]


class Document:
    """The value of a YAML document and the line and column of each of its parts."""

    def __init__(self, text: str) -> None:
        self._marks: dict[Place, tuple[int, int]] = {}
        self._loader = _Loader(text)
        try:
            node = self._loader.get_single_node()
            self.value = self._build(node, ()) if node else None
        except yaml.YAMLError as error:
            raise WorkflowError(f"You have an error in your yaml syntax: {' '.join(str(error).split())}") from error
        finally:
            self._loader.dispose()

    def _build(self, node: yaml.Node, place: Place) -> Any:
        self._marks[place] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if len(place) > DEEPEST:
            raise self.error(place, "The file is nested too deeply")
        if isinstance(node, yaml.SequenceNode):
            return [self._build(item, (*place, number)) for number, item in enumerate(node.value)]
        if not isinstance(node, yaml.MappingNode):
            return self._loader.construct_object(node)
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            self._marks[(*place, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if key in made:
                raise self.error((*place, key), f"'{key}' is already defined")
            made[key] = self._build(value_node, (*place, key))
            self._marks[(*place, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        return made

    def error(self, place: Place, message: str) -> WorkflowError:
        line, column = self._marks.get(place, (1, 1))
        return WorkflowError(f"(Line: {line}, Col: {column}): {message}")
