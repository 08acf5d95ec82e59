"""The schema of every served kind, derived from the official client's models.

A node defines how server-side apply treats a value: which lists are keyed and which values are replaced as a whole.
The models define names, types and required fields. They lack the list and map types of the API's OpenAPI description
(`x-kubernetes-list-type`, `x-kubernetes-map-type`), which are in the tables below.
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
CONDITIONS = ("type",)  # every list of conditions in a status is keyed by type
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
    """The schema of a value. `form` is scalar, any, struct, map or list; `item` is the schema of the items of the
    last two."""

    form: str
    accepts: tuple[type, ...] = ()
    fields: dict[str, "Node"] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    item: "Node | None" = None
    keys: tuple[str, ...] = ()
    atomic: bool = False

    def child(self, name: str) -> "Node":
        """The schema of the member with this name, or of an item; `ANY` if it is unknown."""
        return self.fields.get(name) or self.item or ANY


ANY = Node("any")


def of(kind: Kind) -> Node:
    """The schema of a kind's objects."""
    return _struct(kind.model)  # type: ignore[arg-type]  # a class is hashable


@cache
def _struct(model: Any) -> Node:
    fields: dict[str, Node] = {}
    required_keys: list[str] = []
    for name, info in model.model_fields.items():
        key = info.serialization_alias or name
        fields[key] = _with_list_type(model.__name__, key, _node(info.annotation))
        if info.is_required():
            required_keys.append(key)
    return Node("struct", fields=fields, required=tuple(required_keys), atomic=model.__name__ in ATOMIC_MODELS)


def _with_list_type(model: str, name: str, node: Node) -> Node:
    """The node with its list or map type from the tables."""
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
        return _union([_node(argument) for argument in get_args(annotation) if argument is not type(None)])
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
    return Node("scalar", accepts=tuple({accepted for node in nodes for accepted in node.accepts}))


def violations(value: Any, node: Node, path: str = "") -> list[str]:
    """Undeclared fields and values of the wrong type, in the words of structured-merge-diff."""
    if value is None or node.form == "any":
        return []
    if node.form == "scalar":
        return _scalar_violation(value, node, path)
    if node.form == "list" and isinstance(value, list):
        return [
            problem
            for index, item in enumerate(value)
            for problem in violations(item, node.child(""), f"{path}[{index}]")
        ]
    if node.form != "list" and isinstance(value, dict):
        return [problem for key, child in value.items() for problem in _member_violations(key, child, node, path)]
    return [f"{path}: expected {'list' if node.form == 'list' else 'map'}, got {_notation(value)}"]


def _member_violations(key: Any, value: Any, node: Node, path: str) -> list[str]:
    if not isinstance(key, str) or (node.form == "struct" and key not in node.fields):
        return [f"{path}.{key}: field not declared in schema"]
    return violations(value, node.child(key), f"{path}.{key}")


def _scalar_violation(value: Any, node: Node, path: str) -> list[str]:
    quantity = isinstance(value, int | float) and path.rpartition(".")[0].endswith(QUANTITIES)
    is_wrong_bool = isinstance(value, bool) and bool not in node.accepts  # in Python, a bool is an int
    fits = not is_wrong_bool and (quantity or isinstance(value, node.accepts))
    names = " or ".join(sorted({TYPES[accepted] for accepted in node.accepts}))
    return [] if fits else [f"{path}: expected {names}, got {_notation(value)}"]


QUANTITIES = ("limits", "requests", "hard", "default", "defaultRequest", "max", "min", "maxLimitRequestRatio")
TYPES = {str: "string", int: "numeric (int or float)", float: "numeric (int or float)", bool: "boolean"}


def _notation(value: Any) -> str:
    return f"&value.valueUnstructured{{Value:{value}}}"


def missing(value: Any, node: Node, path: str = "") -> list[Cause]:
    """The required fields that the object lacks."""
    if isinstance(value, list):
        return [
            cause for index, item in enumerate(value) for cause in missing(item, node.child(""), f"{path}[{index}]")
        ]
    if not isinstance(value, dict):
        return []
    prefix = f"{path}." if path else ""
    absent = [required(prefix + name) for name in node.required if value.get(name) in (None, "", [])]
    return absent + [cause for key, child in value.items() for cause in missing(child, node.child(key), prefix + key)]
