"""Sets of fields, as managedFields records them (fieldsV1), and how an object's fields are found.

A field is a path: a tuple of elements written as in fieldsV1: `f:name`, `k:{"name":"web"}`.
Source: structured-merge-diff's `fieldpath` and the API reference of FieldsV1.
"""

import json
from typing import Any

from sandbox.kubernetes.schema import KEY_DEFAULTS, Node

Path = tuple[str, ...]
Fields = frozenset[Path]
Tree = dict[str, Any]


def to_tree(fields: Fields) -> Tree:
    """As fieldsV1: a member without children is `{}`, one with children holds a `.`."""
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
    return {key: (one if key == "." else _without_needless_dots(one)) for key, one in sorted(tree.items())}


def from_tree(tree: Tree, at: Path = ()) -> Fields:
    """The opposite of `to_tree`."""
    found: set[Path] = set()
    for key, below in tree.items():
        if key == ".":
            found.add(at)
        else:
            found |= from_tree(below, (*at, key)) if below else {(*at, key)}
    return frozenset(found)


def key_of(item: Any, node: Node) -> str:
    """The element of a keyed list's item."""
    keys = {key: item.get(key, KEY_DEFAULTS.get(key)) for key in sorted(node.keys)}
    return "k:" + json.dumps(keys, separators=(",", ":"))


def leaves(value: Any, node: Node, at: Path = ()) -> dict[Path, Any]:
    """Every field of a value with what it holds; items of keyed lists are fields themselves."""
    if node.atomic or node.form in ("scalar", "any") or not value:
        return {at: value}
    found: dict[Path, Any] = {}
    if isinstance(value, list):
        for element, one in items(value, node):
            path = (*at, element)
            found[path] = None
            found |= leaves(one, node.child(""), path)
    elif isinstance(value, dict):
        for key, one in value.items():
            found |= leaves(one, node.child(key), (*at, f"f:{key}"))
    return found


def items(value: list[Any], node: Node) -> list[tuple[str, Any]]:
    """A keyed list's items with their path elements."""
    return [(key_of(one, node), one) for one in value]


def words(path: Path) -> str:
    """As conflicts name it: `.spec.template.spec.containers[name="web"].image`."""
    return "".join(f".{one[2:]}" if one.startswith("f:") else _item_in_words(json.loads(one[2:])) for one in path)


def _item_in_words(keys: dict[str, Any]) -> str:
    return f"[{','.join(f'{key}={json.dumps(value)}' for key, value in keys.items())}]"
