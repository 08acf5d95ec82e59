"""Access reviews: may I, may they, who am I. Answered from the same RBAC as every request."""

from collections.abc import Callable
from typing import Any

from sandbox.kubernetes import authorization
from sandbox.kubernetes.authentication import AUTHENTICATED, User
from sandbox.kubernetes.failures import bad_request
from sandbox.kubernetes.kinds import Kind

Body = dict[str, Any]


def answer(kind: Kind, user: User, sent: Body) -> Body:
    """The review with its status."""
    return {
        "metadata": {},
        **sent,
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "status": _ANSWERS[kind.kind](user, sent),
    }


def _who(user: User, sent: Body) -> Body:
    return {"userInfo": {"username": user.name, "groups": list(user.groups)}}


def _self(user: User, sent: Body) -> Body:
    return _decision(user, sent.get("spec") or {})


def _other(user: User, sent: Body) -> Body:
    spec = sent.get("spec") or {}
    return _decision(User(spec.get("user", ""), (*spec.get("groups", []), AUTHENTICATED)), spec)


def _decision(user: User, spec: Body) -> Body:
    asked = spec.get("resourceAttributes")
    if not asked:
        raise bad_request("spec.resourceAttributes: Required value: this cluster reviews access to resources only")
    resource = "/".join(filter(None, [asked.get("resource", "*"), asked.get("subresource", "")]))
    request = authorization.Request(
        asked.get("verb", "*"), asked.get("group", ""), resource, asked.get("namespace", ""), asked.get("name", "")
    )
    reason = authorization.allowed(user, request)
    return {"allowed": reason is not None, **({"reason": reason} if reason else {})}


_ANSWERS: dict[str, Callable[[User, Body], Body]] = {
    "SelfSubjectReview": _who,
    "SelfSubjectAccessReview": _self,
    "SubjectAccessReview": _other,
}
