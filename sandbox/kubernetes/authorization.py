"""Authorization by RBAC, evaluated from the roles and bindings in the store.

Source: `plugin/pkg/auth/authorizer/rbac`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes import store
from sandbox.kubernetes.authentication import ADMINISTRATORS, User
from sandbox.kubernetes.failures import Failure, forbidden, object_details
from sandbox.kubernetes.kinds import RBAC, Kind, named

Body = dict[str, Any]
ALLOWANCES = "onramp-allowances"


@dataclass(frozen=True)
class Request:
    """The attributes of a request, as in an access review."""

    verb: str
    group: str
    resource: str  # with its subresource: `pods/log`
    namespace: str = ""
    name: str = ""


def allowed(user: User, request: Request) -> bool:
    if ADMINISTRATORS in user.groups:
        return True
    return any(_covers(rule, request) for rule in _rules(user, request.namespace))


def _rules(user: User, namespace: str) -> Iterator[Body]:
    """Every rule that a binding grants to a user in a namespace."""
    bindings = store.list_objects(named("ClusterRoleBinding", RBAC))
    if namespace:
        bindings += store.list_objects(named("RoleBinding", RBAC), namespace)
    for binding in bindings:
        if any(_is_subject(user, subject) for subject in binding.get("subjects") or []):
            yield from _role_rules(binding["roleRef"], namespace)


def _role_rules(reference: Body, namespace: str) -> list[Body]:
    """The rules of a `roleRef`; none if the role does not exist."""
    namespace = namespace if reference["kind"] == "Role" else ""
    role = store.find(named(reference["kind"], RBAC), namespace, reference["name"])
    return (role or {}).get("rules") or []


def _is_subject(user: User, subject: Body) -> bool:
    if subject["kind"] == "Group":
        return subject["name"] in user.groups
    if subject["kind"] == "ServiceAccount":
        return user.name == f"system:serviceaccount:{subject.get('namespace', '')}:{subject['name']}"
    return (subject["kind"], subject["name"]) == ("User", user.name)


def _covers(rule: Body, request: Request) -> bool:
    names = rule.get("resourceNames") or []
    return (
        _includes(rule.get("verbs"), request.verb)
        and _includes(rule.get("apiGroups"), request.group)
        and _includes(rule.get("resources"), request.resource)
        and (not names or request.name in names)
    )


def _includes(values: list[str] | None, value: str) -> bool:
    return "*" in (values or []) or value in (values or [])


def require(user: User, request: Request, kind: Kind) -> None:
    """Raises a 403 Failure if the request is not allowed."""
    if allowed(user, request):
        return
    scope = f'in the namespace "{request.namespace}"' if request.namespace else "at the cluster scope"
    subject = f'{kind.resource} "{request.name}"' if request.name else kind.resource
    action = f'{request.verb} resource "{request.resource}" in API group "{request.group}" {scope}'
    message = f'{subject} is forbidden: User "{user.name}" cannot {action}'
    raise Failure(403, "Forbidden", message, object_details(kind, request.name))


def require_right_to_grant(user: User, binding: Body, kind: Kind) -> None:
    """Raises a 403 Failure if a user who writes this binding has no right to `bind` its role.

    A real server also lets users grant what they have themselves; nobody here needs that.
    Source: `pkg/registry/rbac/rolebinding/policybased`.
    """
    role = binding["roleRef"]
    plural = named(role["kind"], RBAC).plural
    namespace = binding["metadata"].get("namespace", "")
    if not allowed(user, Request("bind", RBAC, plural, namespace, role["name"])):
        problem = f'user "{user.name}" (groups={list(user.groups)}) is attempting to grant RBAC permissions not currently held'
        raise forbidden(kind, binding["metadata"]["name"], problem)
