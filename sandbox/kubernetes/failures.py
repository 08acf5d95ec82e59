"""The API server's error responses, in a real one's words and shapes.

Source: apimachinery's `pkg/api/errors`; the messages were compared with kube-apiserver 1.36.
"""

from dataclasses import dataclass, field
from typing import Any

from sandbox.kubernetes.kinds import Kind


@dataclass
class Failure(Exception):
    """A response of kind Status. `details` are the API's: name, group, kind, causes."""

    code: int
    reason: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)

    def status(self) -> dict[str, Any]:
        optional = {"reason": self.reason, "details": self.details}
        body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message}
        return {**body, **{key: value for key, value in optional.items() if value}, "code": self.code}


@dataclass(frozen=True)
class Cause:
    """A problem of one field of an object."""

    path: str
    reason: str
    message: str


def required(path: str, explanation: str = "") -> Cause:
    return Cause(path, "FieldValueRequired", f"Required value{': ' + explanation if explanation else ''}")


def invalid_value(path: str, value: str, explanation: str) -> Cause:
    return Cause(path, "FieldValueInvalid", f"Invalid value: {value}: {explanation}")


def object_details(kind: Kind, name: str, uid: str = "") -> dict[str, Any]:
    """The details that identify an object."""
    details = {"name": name, "group": kind.group, "kind": kind.plural, "uid": uid}
    return {key: value for key, value in details.items() if value}


def not_found(kind: Kind, name: str) -> Failure:
    return Failure(404, "NotFound", f'{kind.resource} "{name}" not found', object_details(kind, name))


def no_such_resource() -> Failure:
    return Failure(404, "NotFound", "the server could not find the requested resource")


def already_exists(kind: Kind, name: str) -> Failure:
    return Failure(409, "AlreadyExists", f'{kind.resource} "{name}" already exists', object_details(kind, name))


STALE = "the object has been modified; please apply your changes to the latest version and try again"


def conflict(kind: Kind, name: str, explanation: str = STALE) -> Failure:
    message = f'Operation cannot be fulfilled on {kind.resource} "{name}": {explanation}'
    return Failure(409, "Conflict", message, object_details(kind, name))


def forbidden(kind: Kind, name: str, explanation: str) -> Failure:
    """Authorization or admission has refused the request."""
    subject = f'{kind.resource} "{name}"'
    return Failure(403, "Forbidden", f"{subject} is forbidden: {explanation}", object_details(kind, name))


def terminating(kind: Kind, name: str, namespace: str) -> Failure:
    """The answer to a new object in a namespace that is being deleted."""
    failure = forbidden(
        kind, name, f"unable to create new content in namespace {namespace} because it is being terminated"
    )
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {namespace} is being terminated",
        "field": "metadata.namespace",
    }
    failure.details = {**(failure.details or {}), "causes": [cause]}
    return failure


def invalid(kind: Kind, name: str, causes: list[Cause]) -> Failure:
    messages = [f"{cause.path}: {cause.message}" for cause in causes]
    text = messages[0] if len(messages) == 1 else f"[{', '.join(messages)}]"
    listed = [{"reason": cause.reason, "message": cause.message, "field": cause.path} for cause in causes]
    details = {**object_details(kind, name), "kind": kind.kind, "causes": listed}
    return Failure(422, "Invalid", f'{kind.qualified} "{name}" is invalid: {text}', details)


def bad_request(message: str) -> Failure:
    return Failure(400, "BadRequest", message)


def manager_required() -> Failure:
    explanation = "fieldManager: Required value: is required for apply patch"
    return Failure(422, "Invalid", f'PatchOptions.meta.k8s.io "" is invalid: {explanation}')


def not_declared(kind: Kind, namespace: str, name: str, path: str) -> Failure:
    """A field that is not in the schema; a real server answers 500 without a reason."""
    subject = f"{namespace}/{name}; {kind.group}/{kind.version}, Kind={kind.kind}"
    return Failure(500, "", f"failed to create typed patch object ({subject}): {path}")


def manager_conflict(conflicts: list[tuple[str, str]]) -> Failure:
    """Server-side apply would change fields of other managers: pairs of (owner, field)."""
    causes = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {owner}", "field": path}
        for owner, path in conflicts
    ]
    head = f"Apply failed with {len(conflicts)} conflict{'s' if len(conflicts) > 1 else ''}: "
    return Failure(409, "Conflict", head + _conflict_text(conflicts), {"causes": causes})


def _conflict_text(conflicts: list[tuple[str, str]]) -> str:
    if len(conflicts) == 1:
        return f"conflict with {conflicts[0][0]}: {conflicts[0][1]}"
    by_owner: dict[str, list[str]] = {}
    for owner, path in conflicts:
        by_owner.setdefault(owner, []).append(path)
    blocks = [
        f"conflicts with {owner}:\n" + "\n".join(f"- {path}" for path in paths) for owner, paths in by_owner.items()
    ]
    return "\n".join(blocks)


def not_allowed() -> Failure:
    return Failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")


def unauthorized() -> Failure:
    return Failure(401, "Unauthorized", "Unauthorized")


def unsupported(content_type: str) -> Failure:
    return Failure(415, "UnsupportedMediaType", f"415: Unsupported Media Type ({content_type})")
