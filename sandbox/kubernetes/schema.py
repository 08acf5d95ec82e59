"""The shape of every served kind, read from the official client's models.

A node says how server-side apply treats a value: which lists are keyed, what is replaced as a
whole. The models tell names, types and what is required; the list and map types of the API's OpenAPI description
(`x-kubernetes-list-type`, `x-kubernetes-map-type`) are not in them and stand in the tables below.
"""

import datetime
import types
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from sandbox.kubernetes.failures import Cause, required
from sandbox.kubernetes.kinds import Kind

LIST_KEYS: dict[tuple[str, str], tuple[str, ...]] = {
    ("V1Container", "env"): ("name",),
    ("V1Container", "ports"): ("containerPort", "protocol"),
    ("V1Container", "volumeMounts"): ("mountPath",),
    ("V1PodSpec", "containers"): ("name",),
    ("V1PodSpec", "imagePullSecrets"): ("name",),
    ("V1PodSpec", "initContainers"): ("name",),
    ("V1PodSpec", "volumes"): ("name",),
    ("V1ServiceAccount", "secrets"): ("name",),
    ("V1ServiceSpec", "ports"): ("port", "protocol"),
    ("V1ObjectMeta", "ownerReferences"): ("uid",),
}
CONDITIONS = ("type",)  # every list of conditions below a status is keyed by its type
ATOMIC_FIELDS = {("V1PodSpec", "nodeSelector"), ("V1ServiceSpec", "selector")}
ATOMIC_MODELS = {
    "V1ConfigMapKeySelector",
    "V1LabelSelector",
    "V1LocalObjectReference",
    "V1NodeSelector",
    "V1NodeSelectorTerm",
    "V1ObjectFieldSelector",
    "V1ObjectReference",
    "V1OwnerReference",
    "V1ResourceFieldSelector",
    "V1RoleRef",
    "V1ScopeSelector",
    "V1SecretKeySelector",
    "V1ServiceBackendPort",
    "V1TypedLocalObjectReference",
    "RbacV1Subject",
}
KEY_DEFAULTS = {"protocol": "TCP"}


@dataclass(frozen=True)
class Node:
    """The schema of one value. `form` is scalar, any, struct, map or list; `item` is what a map or list holds."""

    form: str
    accepts: tuple[type, ...] = ()
    fields: dict[str, "Node"] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    item: "Node | None" = None
    keys: tuple[str, ...] = ()
    atomic: bool = False

    def child(self, name: str) -> "Node":
        """The schema of what stands under this name; `ANY` where nothing is known about it."""
        return self.fields.get(name) or self.item or ANY


ANY = Node("any")


def of(kind: Kind) -> Node:
    """The schema of a kind's objects."""
    return _struct(kind.model)  # type: ignore[arg-type]  # a class is hashable


@cache
def _struct(model: Any) -> Node:
    fields: dict[str, Node] = {}
    needed: list[str] = []
    for name, described in model.model_fields.items():
        key = described.serialization_alias or name
        fields[key] = _special(model.__name__, key, _node(described.annotation))
        if described.is_required():
            needed.append(key)
    return Node("struct", fields=fields, required=tuple(needed), atomic=model.__name__ in ATOMIC_MODELS)


def _special(model: str, name: str, node: Node) -> Node:
    keys = LIST_KEYS.get((model, name), CONDITIONS if name == "conditions" and model.endswith("Status") else ())
    if node.form == "list":
        return Node("list", item=node.item, keys=keys, atomic=not keys)
    if (model, name) in ATOMIC_FIELDS:
        return Node(node.form, item=node.item, atomic=True)
    return node


def _node(annotation: Any) -> Node:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _node(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return _union([_node(one) for one in get_args(annotation) if one is not type(None)])
    if origin is list:
        return Node("list", item=_node(get_args(annotation)[0]))
    if origin is dict:
        return Node("map", item=_node(get_args(annotation)[1]))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _struct(annotation)
    if annotation in (str, int, float, bool):
        return Node("scalar", accepts=(annotation,))
    if annotation in (datetime.datetime, bytes):
        return Node("scalar", accepts=(str,))
    return ANY


def _union(nodes: list[Node]) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    return Node("scalar", accepts=tuple({one for node in nodes for one in node.accepts}))


def violations(value: Any, node: Node, path: str = "") -> list[str]:
    """Fields that are not declared and values of the wrong type, in the words of structured-merge-diff."""
    if value is None or node.form == "any":
        return []
    if node.form == "scalar":
        return _scalar_violation(value, node, path)
    if node.form == "list" and isinstance(value, list):
        return [
            said for number, one in enumerate(value) for said in violations(one, node.child(""), f"{path}[{number}]")
        ]
    if node.form != "list" and isinstance(value, dict):
        return [said for key, one in value.items() for said in _member(key, one, node, path)]
    return [f"{path}: expected {'list' if node.form == 'list' else 'map'}, got {_shown(value)}"]


def _member(key: Any, value: Any, node: Node, path: str) -> list[str]:
    if not isinstance(key, str) or (node.form == "struct" and key not in node.fields):
        return [f"{path}.{key}: field not declared in schema"]
    return violations(value, node.child(key), f"{path}.{key}")


def _scalar_violation(value: Any, node: Node, path: str) -> list[str]:
    quantity = isinstance(value, int | float) and path.rpartition(".")[0].endswith(QUANTITIES)
    is_other = isinstance(value, bool) and bool not in node.accepts  # Python counts truth values among the numbers
    fits = not is_other and (quantity or isinstance(value, node.accepts))
    names = " or ".join(sorted({TYPES[one] for one in node.accepts}))
    return [] if fits else [f"{path}: expected {names}, got {_shown(value)}"]


QUANTITIES = ("limits", "requests", "hard", "default", "defaultRequest", "max", "min", "maxLimitRequestRatio")
TYPES = {str: "string", int: "numeric (int or float)", float: "numeric (int or float)", bool: "boolean"}


def _shown(value: Any) -> str:
    return f"&value.valueUnstructured{{Value:{value}}}"


def missing(value: Any, node: Node, path: str = "") -> list[Cause]:
    """What the schema requires and the object does not have."""
    if isinstance(value, list):
        return [
            cause for number, one in enumerate(value) for cause in missing(one, node.child(""), f"{path}[{number}]")
        ]
    if not isinstance(value, dict):
        return []
    prefix = f"{path}." if path else ""
    absent = [required(prefix + name) for name in node.required if value.get(name) in (None, "", [])]
    return absent + [cause for key, one in value.items() for cause in missing(one, node.child(key), prefix + key)]
