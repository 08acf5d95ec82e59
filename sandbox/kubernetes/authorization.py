"""Who may do what: RBAC, evaluated from the roles and bindings in the store.

Source: `plugin/pkg/auth/authorizer/rbac`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes import store
from sandbox.kubernetes.authentication import ADMINISTRATORS, User
from sandbox.kubernetes.failures import Failure, about
from sandbox.kubernetes.kinds import RBAC, Kind, named

Body = dict[str, Any]
ALLOWANCES = "onramp-allowances"
# RBAC cannot take away; the company's authorizer in front of it denies writing here to Onramp (a webhook in earnest).
READ_ONLY = {("onramp", ALLOWANCES)}
_READS = {"get", "list", "watch"}


@dataclass(frozen=True)
class Request:
    """What somebody wants to do, as an access review describes it."""

    verb: str
    group: str
    resource: str  # with its subresource: `pods/log`
    namespace: str = ""
    name: str = ""


def allowed(user: User, request: Request) -> str | None:
    """Why it is allowed, in a real server's words; None where it is not."""
    if ADMINISTRATORS in user.groups:
        return ""
    if (user.name, request.namespace) in READ_ONLY and request.verb not in _READS:
        return None
    for reason, rule in _rules(user, request.namespace):
        if _covers(rule, request):
            return reason
    return None


def _rules(user: User, namespace: str) -> Iterator[tuple[str, Body]]:
    """Every rule that holds for a user in a namespace, with the binding that gives it."""
    yield from _bound(user, store.every(named("ClusterRoleBinding", RBAC)), "")
    if namespace:
        yield from _bound(user, store.every(named("RoleBinding", RBAC), namespace), namespace)


def _bound(user: User, bindings: list[Body], namespace: str) -> Iterator[tuple[str, Body]]:
    for binding in bindings:
        subject = next((one for one in binding.get("subjects") or [] if _is(user, one)), None)
        if subject:
            role, kind = binding["roleRef"], "RoleBinding" if namespace else "ClusterRoleBinding"
            where = f"{binding['metadata']['name']}/{namespace}" if namespace else binding["metadata"]["name"]
            said = f'RBAC: allowed by {kind} "{where}" of {role["kind"]} "{role["name"]}" to {subject["kind"]} "{subject["name"]}"'
            yield from ((said, rule) for rule in rules_of(role, namespace))


def rules_of(role: Body, namespace: str) -> list[Body]:
    """The rules of a `roleRef`; a role that does not exist has none."""
    found = store.find(named(role["kind"], RBAC), namespace if role["kind"] == "Role" else "", role["name"])
    return (found or {}).get("rules") or []


def _is(user: User, subject: Body) -> bool:
    if subject["kind"] == "Group":
        return subject["name"] in user.groups
    if subject["kind"] == "ServiceAccount":
        return user.name == f"system:serviceaccount:{subject.get('namespace')}:{subject['name']}"
    return bool(subject["name"] == user.name)


def _covers(rule: Body, request: Request) -> bool:
    names = rule.get("resourceNames") or []
    return (
        _lists(rule.get("verbs"), request.verb)
        and _lists(rule.get("apiGroups"), request.group)
        and (
            _lists(rule.get("resources"), request.resource)
            or f"*/{request.resource.partition('/')[2]}" in (rule.get("resources") or [])
        )
        and (not names or request.name in names)
    )


def _lists(listed: list[str] | None, wanted: str) -> bool:
    return "*" in (listed or []) or wanted in (listed or [])


def require(user: User, request: Request, kind: Kind) -> None:
    """Raises the 403 of a real server where the user may not."""
    if allowed(user, request) is not None:
        return
    where = f'in the namespace "{request.namespace}"' if request.namespace else "at the cluster scope"
    named_one = f' "{request.name}"' if request.name else ""
    says = (
        f'User "{user.name}" cannot {request.verb} resource "{request.resource}" in API group "{request.group}" {where}'
    )
    raise Failure(403, "Forbidden", f"{kind.resource}{named_one} is forbidden: {says}", about(kind, request.name))
