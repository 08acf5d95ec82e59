"""Field ownership: server-side apply, and the bookkeeping of every other write.

The rules are those of structured-merge-diff's `merge.Updater`. An apply owns exactly the fields that it names. A field
that it no longer names is removed if no other manager owns it. Changing another manager's field is a conflict unless
forced. Any other write takes ownership of the fields that it changes. This module knows neither HTTP nor the store.
"""

import copy
from typing import Any

from sandbox.kubernetes import fields
from sandbox.kubernetes.failures import manager_conflict
from sandbox.kubernetes.fields import Fields, Path
from sandbox.kubernetes.ownership import Manager, Ownership
from sandbox.kubernetes.schema import Node

Body = dict[str, Any]

# Fields that identify an object or that only the server writes. Nobody owns them.
_SERVER = {"name", "namespace", "creationTimestamp", "uid", "resourceVersion", "generation", "managedFields"}
_UNOWNED_TOP = {("f:apiVersion",), ("f:kind",), ("f:metadata",)}


def ownable(body: Body, node: Node) -> dict[Path, Any]:
    """The fields of an object that a manager can own."""
    leaves = fields.leaves(body, node)
    return {path: value for path, value in leaves.items() if path not in _UNOWNED_TOP and not _is_servers(path)}


def _is_servers(path: Path) -> bool:
    return len(path) > 1 and path[0] == "f:metadata" and path[1][2:] in _SERVER


def apply(live: Body, patch: Body, node: Node, manager: Manager, now: str, force: bool) -> tuple[Body, Ownership]:
    """The object after an apply, and its ownership. Raises a 409 Failure that names every conflicting field."""
    ownership = Ownership.read(live)
    named = frozenset(ownable(patch, node))
    merged = merge(live, patch, node)
    dropped = ownership.owned.get(manager, frozenset()) - named
    unused = _without_ancestors(dropped, ownership.owned_by_others(manager) | named)
    result = remove(merged, node, unused) if unused else merged
    changed, removed = _difference(live, result, node)
    _resolve_conflicts(ownership, changed, manager, force)
    ownership.release(removed, manager)
    ownership.assign(manager, named, now)
    return result, ownership


def _without_ancestors(paths: Fields, owned: Fields) -> Fields:
    """The paths that are neither owned nor a map, list or item around an owned field."""
    held = {path[:depth] for path in owned for depth in range(1, len(path) + 1)}
    return frozenset(path for path in paths if path not in held)


def _resolve_conflicts(ownership: Ownership, changed: Fields, manager: Manager, force: bool) -> None:
    others = sorted((other for other in ownership.owned if other != manager), key=lambda other: other.name)
    conflicts = [
        (other.notation(), fields.notation(path))
        for other in others
        for path in sorted(ownership.owned[other] & changed)
    ]
    if conflicts and not force:
        raise manager_conflict(conflicts)
    ownership.release(changed, manager)


def update(live: Body, result: Body, node: Node, manager: Manager, now: str) -> Ownership:
    """The ownership after a write that is not an apply: the writer owns the fields that it changed."""
    ownership = Ownership.read(live)
    changed, removed = _difference(live, result, node)
    if changed or removed:
        ownership.release(changed | removed, manager)
        ownership.assign(manager, (ownership.owned.get(manager, frozenset()) - removed) | changed, now)
    return ownership


def _difference(before: Body, after: Body, node: Node) -> tuple[Fields, Fields]:
    """(added or changed, removed) fields."""
    old, new = ownable(before, node), ownable(after, node)
    changed = frozenset(path for path, value in new.items() if path not in old or old[path] != value)
    return changed, frozenset(old) - frozenset(new)


def merge(live: Any, patch: Any, node: Node) -> Any:
    """The live value, overlaid with the applied one."""
    if node.atomic or node.form in ("scalar", "any") or live is None or patch is None:
        return copy.deepcopy(patch)
    if isinstance(patch, dict):
        merged = {key: merge(live.get(key), value, node.child(key)) for key, value in patch.items()}
        return {**live, **merged}
    return _merge_list(live, patch, node)


def _merge_list(live: list[Any], patch: list[Any], node: Node) -> list[Any]:
    merged = dict(fields.items(live, node))
    for element, item in fields.items(patch, node):
        merged[element] = merge(merged.get(element), item, node.child(""))
    return list(merged.values())


def remove(value: Any, node: Node, paths: Fields) -> Any:
    """The value without these fields. A map or list that becomes empty is removed as well."""
    if isinstance(value, dict) and not node.atomic:
        kept = {}
        for key, child in value.items():
            below = _below(paths, f"f:{key}")
            if () not in below:
                rest = remove(child, node.child(key), below) if below else child
                if not (below and rest in ({}, [])):
                    kept[key] = rest
        return kept
    if isinstance(value, list) and node.keys:
        pairs = [(item, _below(paths, element)) for element, item in fields.items(value, node)]
        return [remove(item, node.child(""), below) if below else item for item, below in pairs if () not in below]
    return value


def _below(paths: Fields, element: str) -> Fields:
    """The paths below an element, relative to it."""
    return frozenset(path[1:] for path in paths if path and path[0] == element)
