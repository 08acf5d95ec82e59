"""Sets of fields as managedFields records them (fieldsV1), and the fields of an object.

A field is a path: a tuple of elements in the notation of fieldsV1, like `f:name` or `k:{"name":"web"}`.
Source: structured-merge-diff's `fieldpath` and the API reference of FieldsV1.
"""

import json
from typing import Any

from sandbox.kubernetes.schema import KEY_DEFAULTS, Node

Path = tuple[str, ...]
Fields = frozenset[Path]
Tree = dict[str, Any]


def to_tree(fields: Fields) -> Tree:
    """The set as fieldsV1: a member without children is `{}`, one with children contains a `.`."""
    tree: Tree = {}
    for path in sorted(fields, key=len):
        node = tree
        for element in path:
            node = node.setdefault(element, {})
        node["."] = {}
    return _without_needless_dots(tree)


def _without_needless_dots(tree: Tree) -> Tree:
    if set(tree) == {"."}:
        return {}
    return {key: (child if key == "." else _without_needless_dots(child)) for key, child in sorted(tree.items())}


def from_tree(tree: Tree, parent: Path = ()) -> Fields:
    """The inverse of `to_tree`."""
    fields: set[Path] = set()
    for key, children in tree.items():
        if key == ".":
            fields.add(parent)
        else:
            fields |= from_tree(children, (*parent, key)) if children else {(*parent, key)}
    return frozenset(fields)


def key_element(item: Any, node: Node) -> str:
    """The path element of an item of a keyed list."""
    keys = {key: item.get(key, KEY_DEFAULTS.get(key)) for key in sorted(node.keys)}
    return "k:" + json.dumps(keys, separators=(",", ":"))


def leaves(value: Any, node: Node, parent: Path = ()) -> dict[Path, Any]:
    """Every field of a value with its content. Items of keyed lists are fields themselves."""
    if node.atomic or node.form in ("scalar", "any") or not value:
        return {parent: value}
    fields: dict[Path, Any] = {}
    if isinstance(value, list):
        for element, item in items(value, node):
            path = (*parent, element)
            fields[path] = None
            fields |= leaves(item, node.child(""), path)
    elif isinstance(value, dict):
        for key, child in value.items():
            fields |= leaves(child, node.child(key), (*parent, f"f:{key}"))
    return fields


def items(value: list[Any], node: Node) -> list[tuple[str, Any]]:
    """The items of a keyed list with their path elements."""
    return [(key_element(item, node), item) for item in value]


def notation(path: Path) -> str:
    """The path as conflicts print it: `.spec.template.spec.containers[name="web"].image`."""
    return "".join(
        f".{element[2:]}" if element.startswith("f:") else _item_notation(json.loads(element[2:])) for element in path
    )


def _item_notation(keys: dict[str, Any]) -> str:
    return f"[{','.join(f'{key}={json.dumps(value)}' for key, value in keys.items())}]"
