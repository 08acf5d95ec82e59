"""Who owns which field: server-side apply and the bookkeeping of every other write.

The rules are those of structured-merge-diff's `merge.Updater`: an apply owns exactly what it names, what it no
longer names and nobody else owns goes, a changed field of somebody else is a conflict unless forced; any other
write takes the fields it changes. Nothing here knows of HTTP or of the store.
"""

import copy
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes import fields
from sandbox.kubernetes.failures import manager_conflict
from sandbox.kubernetes.fields import Fields, Path
from sandbox.kubernetes.schema import Node

Body = dict[str, Any]

# Fields that name an object or that the server alone writes; nobody owns them.
_SERVER = {"name", "namespace", "creationTimestamp", "uid", "resourceVersion", "generation", "managedFields"}
_UNOWNED_TOP = {("f:apiVersion",), ("f:kind",), ("f:metadata",)}


@dataclass(frozen=True)
class Manager:
    name: str
    operation: str
    api_version: str

    def words(self) -> str:
        """As a conflict names it; only an updater is named with its version."""
        using = f" using {self.api_version}" if self.operation == "Update" else ""
        return f'"{self.name}"{using}'


@dataclass
class Ownership:
    """The managedFields of an object. `times` is when each manager last changed something."""

    owned: dict[Manager, Fields]
    times: dict[Manager, str]

    @classmethod
    def read(cls, body: Body) -> "Ownership":
        owned, times = {}, {}
        for entry in body.get("metadata", {}).get("managedFields", []):
            manager = Manager(entry["manager"], entry["operation"], entry["apiVersion"])
            owned[manager] = fields.from_tree(entry["fieldsV1"])
            times[manager] = entry["time"]
        return cls(owned, times)

    def written(self) -> list[Body]:
        """The entries in a real server's order: applies first, then by time and name."""
        kept = [manager for manager, owned in self.owned.items() if owned]
        kept.sort(key=lambda one: (one.operation != "Apply", self.times[one], one.name))
        return [self._entry(manager) for manager in kept]

    def _entry(self, manager: Manager) -> Body:
        return {
            "manager": manager.name,
            "operation": manager.operation,
            "apiVersion": manager.api_version,
            "time": self.times[manager],
            "fieldsType": "FieldsV1",
            "fieldsV1": fields.to_tree(self.owned[manager]),
        }

    def others(self, manager: Manager) -> Fields:
        return frozenset().union(*(owned for one, owned in self.owned.items() if one != manager))

    def take(self, manager: Manager, owned: Fields, now: str) -> None:
        """Records what a manager owns now; its time moves only when that changes."""
        if self.owned.get(manager) != owned:
            self.times[manager] = now
        self.owned[manager] = owned

    def release(self, gone: Fields, but: Manager) -> None:
        for manager in self.owned:
            if manager != but:
                self.owned[manager] = self.owned[manager] - gone


def ownable(body: Body, node: Node) -> dict[Path, Any]:
    """The fields of an object that somebody can own."""
    found = fields.leaves(body, node)
    return {path: value for path, value in found.items() if path not in _UNOWNED_TOP and not _is_servers(path)}


def _is_servers(path: Path) -> bool:
    return len(path) > 1 and path[0] == "f:metadata" and path[1][2:] in _SERVER


def apply(live: Body, wanted: Body, node: Node, manager: Manager, now: str, force: bool) -> tuple[Body, Ownership]:
    """The object after an apply and who owns what then. Raises a 409 Failure that names every field of others."""
    ownership = Ownership.read(live)
    named = frozenset(ownable(wanted, node))
    merged = merge(live, wanted, node)
    dropped = _without_holders(ownership.owned.get(manager, frozenset()) - named, ownership.others(manager) | named)
    result = remove(merged, node, dropped) if dropped else merged
    changed, removed = _difference(live, result, node)
    _settle_conflicts(ownership, changed, manager, force)
    ownership.release(removed, manager)
    ownership.take(manager, named, now)
    return result, ownership


def _without_holders(gone: Fields, others: Fields) -> Fields:
    """What may go: no field that somebody still has, nor the map, list or item around one."""
    held = {path[:depth] for path in others for depth in range(1, len(path) + 1)}
    return frozenset(path for path in gone if path not in held)


def _settle_conflicts(ownership: Ownership, changed: Fields, manager: Manager, force: bool) -> None:
    ranked = sorted((one for one in ownership.owned if one != manager), key=lambda one: one.name)
    conflicts = [(one.words(), fields.words(path)) for one in ranked for path in sorted(ownership.owned[one] & changed)]
    if conflicts and not force:
        raise manager_conflict(conflicts)
    ownership.release(changed, manager)


def update(live: Body, result: Body, node: Node, manager: Manager, now: str) -> Ownership:
    """Who owns what after a write that was no apply: the writer owns what it changed."""
    ownership = Ownership.read(live)
    changed, removed = _difference(live, result, node)
    if changed or removed:
        ownership.release(changed | removed, manager)
        ownership.take(manager, (ownership.owned.get(manager, frozenset()) - removed) | changed, now)
    return ownership


def _difference(before: Body, after: Body, node: Node) -> tuple[Fields, Fields]:
    """(added or changed, removed) fields."""
    old, new = ownable(before, node), ownable(after, node)
    changed = frozenset(path for path, value in new.items() if path not in old or old[path] != value)
    return changed, frozenset(old) - frozenset(new)


def merge(live: Any, wanted: Any, node: Node) -> Any:
    """What the object is with what an apply names laid over it."""
    if node.atomic or node.form in ("scalar", "any") or live is None or wanted is None:
        return copy.deepcopy(wanted)
    if isinstance(wanted, dict):
        below = {key: merge(live.get(key), value, node.child(key)) for key, value in wanted.items()}
        return {**live, **below}
    return _merge_list(live, wanted, node)


def _merge_list(live: list[Any], wanted: list[Any], node: Node) -> list[Any]:
    found = dict(fields.items(live, node))
    for element, one in fields.items(wanted, node):
        found[element] = merge(found.get(element), one, node.child(""))
    return list(found.values())


def remove(value: Any, node: Node, gone: Fields) -> Any:
    """The value without these fields; a map or list that loses all it had goes with them."""
    if isinstance(value, dict) and not node.atomic:
        kept = {}
        for key, one in value.items():
            rest = _below(gone, f"f:{key}")
            if () not in rest:
                left = remove(one, node.child(key), rest) if rest else one
                if not (rest and left in ({}, [])):
                    kept[key] = left
        return kept
    if isinstance(value, list) and node.keys:
        pairs = [(one, _below(gone, element)) for element, one in fields.items(value, node)]
        return [remove(one, node.child(""), rest) if rest else one for one, rest in pairs if () not in rest]
    return value


def _below(paths: Fields, element: str) -> Fields:
    return frozenset(path[1:] for path in paths if path and path[0] == element)
