"""What the API server answers when it does not do what it was asked, in a real one's words and shapes.

Source: apimachinery's `pkg/api/errors`; the sentences were compared with kube-apiserver 1.36.
"""

from dataclasses import dataclass, field
from typing import Any

from sandbox.kubernetes.kinds import Kind


@dataclass
class Failure(Exception):
    """An answer of kind Status. `details` are as in the API: name, group, kind, causes."""

    code: int
    reason: str
    message: str
    details: dict[str, Any] = field(default_factory=dict)

    def status(self) -> dict[str, Any]:
        more = {"reason": self.reason, "details": self.details}
        about = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": self.message}
        return {**about, **{key: value for key, value in more.items() if value}, "code": self.code}


@dataclass(frozen=True)
class Cause:
    """One thing that is wrong with an object: where, which kind of wrong, in words."""

    path: str
    reason: str
    message: str


def required(path: str, says: str = "") -> Cause:
    return Cause(path, "FieldValueRequired", f"Required value{': ' + says if says else ''}")


def wrong(path: str, shown: str, says: str) -> Cause:
    return Cause(path, "FieldValueInvalid", f"Invalid value: {shown}: {says}")


def about(kind: Kind, name: str, uid: str = "") -> dict[str, Any]:
    """The details that name an object."""
    said = {"name": name, "group": kind.group, "kind": kind.plural, "uid": uid}
    return {key: value for key, value in said.items() if value}


def not_found(kind: Kind, name: str) -> Failure:
    return Failure(404, "NotFound", f'{kind.resource} "{name}" not found', about(kind, name))


def no_such_resource() -> Failure:
    return Failure(404, "NotFound", "the server could not find the requested resource")


def already_exists(kind: Kind, name: str) -> Failure:
    return Failure(409, "AlreadyExists", f'{kind.resource} "{name}" already exists', about(kind, name))


STALE = "the object has been modified; please apply your changes to the latest version and try again"


def conflict(kind: Kind, name: str, says: str = STALE) -> Failure:
    said = f'Operation cannot be fulfilled on {kind.resource} "{name}": {says}'
    return Failure(409, "Conflict", said, about(kind, name))


def refused(kind: Kind, name: str, says: str) -> Failure:
    """Admission said no."""
    return Failure(403, "Forbidden", f'{kind.resource} "{name}" is forbidden: {says}', about(kind, name))


def invalid(kind: Kind, name: str, causes: list[Cause]) -> Failure:
    said = [f"{cause.path}: {cause.message}" for cause in causes]
    text = said[0] if len(said) == 1 else f"[{', '.join(said)}]"
    listed = [{"reason": cause.reason, "message": cause.message, "field": cause.path} for cause in causes]
    details = {**about(kind, name), "kind": kind.kind, "causes": listed}
    return Failure(422, "Invalid", f'{kind.qualified} "{name}" is invalid: {text}', details)


def bad_request(message: str) -> Failure:
    return Failure(400, "BadRequest", message)


def manager_required() -> Failure:
    says = "fieldManager: Required value: is required for apply patch"
    return Failure(422, "Invalid", f'PatchOptions.meta.k8s.io "" is invalid: {says}')


def not_declared(kind: Kind, namespace: str, name: str, path: str) -> Failure:
    """A field that the schema does not know; a real server answers 500 without a reason."""
    where = f"{namespace}/{name}; {kind.group}/{kind.version}, Kind={kind.kind}"
    return Failure(500, "", f"failed to create typed patch object ({where}): {path}")


def manager_conflict(conflicts: list[tuple[str, str]]) -> Failure:
    """Server-side apply over fields of others: pairs of (who owns it, which field)."""
    listed = [
        {"reason": "FieldManagerConflict", "message": f"conflict with {who}", "field": path} for who, path in conflicts
    ]
    head = f"Apply failed with {len(conflicts)} conflict{'s' if len(conflicts) > 1 else ''}: "
    return Failure(409, "Conflict", head + _conflicts_in_words(conflicts), {"causes": listed})


def _conflicts_in_words(conflicts: list[tuple[str, str]]) -> str:
    if len(conflicts) == 1:
        return f"conflict with {conflicts[0][0]}: {conflicts[0][1]}"
    by_owner: dict[str, list[str]] = {}
    for who, path in conflicts:
        by_owner.setdefault(who, []).append(path)
    said = [f"conflicts with {who}:\n" + "\n".join(f"- {path}" for path in paths) for who, paths in by_owner.items()]
    return "\n".join(said)


def not_allowed() -> Failure:
    return Failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")


def unauthorized() -> Failure:
    return Failure(401, "Unauthorized", "Unauthorized")


def unsupported(content_type: str) -> Failure:
    return Failure(415, "UnsupportedMediaType", f"415: Unsupported Media Type ({content_type})")
