"""Access reviews and SelfSubjectReview, decided by the same RBAC as every request."""

from typing import Any

from sandbox.kubernetes import authorization
from sandbox.kubernetes.authentication import AUTHENTICATED, User
from sandbox.kubernetes.failures import bad_request
from sandbox.kubernetes.kinds import Kind

Body = dict[str, Any]


def review(kind: Kind, user: User, body: Body) -> Body:
    """The review with its status."""
    spec = body.get("spec") or {}
    if kind.kind == "SelfSubjectReview":
        status: Body = {"userInfo": {"username": user.name, "groups": list(user.groups)}}
    elif kind.kind == "SelfSubjectAccessReview":
        status = _decision(user, spec)
    else:
        status = _decision(User(spec.get("user", ""), (*spec.get("groups", []), AUTHENTICATED)), spec)
    return {"metadata": {}, **body, "apiVersion": kind.api_version, "kind": kind.kind, "status": status}


def _decision(user: User, spec: Body) -> Body:
    attributes = spec.get("resourceAttributes")
    if not attributes:
        raise bad_request("spec.resourceAttributes: Required value: this cluster reviews access to resources only")
    request = authorization.Request(
        verb=attributes.get("verb", "*"),
        group=attributes.get("group", ""),
        resource="/".join(filter(None, [attributes.get("resource", "*"), attributes.get("subresource", "")])),
        namespace=attributes.get("namespace", ""),
        name=attributes.get("name", ""),
    )
    return {"allowed": authorization.allowed(user, request)}
