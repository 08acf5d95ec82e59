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


def allowed(user: User, request: Request) -> bool:
    if ADMINISTRATORS in user.groups:
        return True
    if (user.name, request.namespace) in READ_ONLY and request.verb not in _READS:
        return False
    return any(_covers(rule, request) for rule in _rules(user, request.namespace))


def _rules(user: User, namespace: str) -> Iterator[Body]:
    """Every rule that a binding gives a user in a namespace."""
    bindings = store.every(named("ClusterRoleBinding", RBAC))
    if namespace:
        bindings += store.every(named("RoleBinding", RBAC), namespace)
    for binding in bindings:
        if any(_is(user, one) for one in binding.get("subjects") or []):
            yield from _rules_of(binding["roleRef"], namespace)


def _rules_of(role: Body, namespace: str) -> list[Body]:
    """The rules of a `roleRef`; a role that does not exist has none."""
    found = store.find(named(role["kind"], RBAC), namespace if role["kind"] == "Role" else "", role["name"])
    return (found or {}).get("rules") or []


def _is(user: User, subject: Body) -> bool:
    if subject["kind"] == "Group":
        return subject["name"] in user.groups
    return (subject["kind"], subject["name"]) == ("User", user.name)  # nobody acts as a ServiceAccount here


def _covers(rule: Body, request: Request) -> bool:
    names = rule.get("resourceNames") or []
    return (
        _lists(rule.get("verbs"), request.verb)
        and _lists(rule.get("apiGroups"), request.group)
        and _lists(rule.get("resources"), request.resource)
        and (not names or request.name in names)
    )


def _lists(listed: list[str] | None, wanted: str) -> bool:
    return "*" in (listed or []) or wanted in (listed or [])


def require(user: User, request: Request, kind: Kind) -> None:
    """Raises the 403 of a real server where the user may not."""
    if allowed(user, request):
        return
    where = f'in the namespace "{request.namespace}"' if request.namespace else "at the cluster scope"
    named_one = f' "{request.name}"' if request.name else ""
    says = (
        f'User "{user.name}" cannot {request.verb} resource "{request.resource}" in API group "{request.group}" {where}'
    )
    raise Failure(403, "Forbidden", f"{kind.resource}{named_one} is forbidden: {says}", about(kind, request.name))
