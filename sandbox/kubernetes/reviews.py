"""Access reviews: may I, may they, who am I. Answered from the same RBAC as every request."""

from typing import Any

from sandbox.kubernetes import authorization
from sandbox.kubernetes.authentication import AUTHENTICATED, User
from sandbox.kubernetes.failures import bad_request
from sandbox.kubernetes.kinds import Kind

Body = dict[str, Any]


def answer(kind: Kind, user: User, sent: Body) -> Body:
    """The review with its status."""
    spec = sent.get("spec") or {}
    if kind.kind == "SelfSubjectReview":
        status: Body = {"userInfo": {"username": user.name, "groups": list(user.groups)}}
    elif kind.kind == "SelfSubjectAccessReview":
        status = _decision(user, spec)
    else:
        status = _decision(User(spec.get("user", ""), (*spec.get("groups", []), AUTHENTICATED)), spec)
    return {"metadata": {}, **sent, "apiVersion": kind.api_version, "kind": kind.kind, "status": status}


def _decision(user: User, spec: Body) -> Body:
    asked = spec.get("resourceAttributes")
    if not asked:
        raise bad_request("spec.resourceAttributes: Required value: this cluster reviews access to resources only")
    resource = "/".join(filter(None, [asked.get("resource", "*"), asked.get("subresource", "")]))
    verb, group, namespace = asked.get("verb", "*"), asked.get("group", ""), asked.get("namespace", "")
    return {
        "allowed": authorization.allowed(
            user, authorization.Request(verb, group, resource, namespace, asked.get("name", ""))
        )
    }
