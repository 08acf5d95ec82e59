"""Writes through the API server: read the live object, change it, set defaults, admit, validate, store.

Every function is one transaction, which a Failure rolls back. With `dry`, nothing is stored, and the result is the
object that would have been.
"""

import copy
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from sandbox.kubernetes import (
    accounts,
    apply,
    authorization,
    defaults,
    failures,
    podsecurity,
    policies,
    quota,
    schema,
    store,
    validation,
)
from sandbox.kubernetes.authentication import User
from sandbox.kubernetes.kinds import Kind, named
from sandbox.kubernetes.models import Setting
from sandbox.kubernetes.ownership import Manager, Ownership

Body = dict[str, Any]
NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""The characters of generated names."""


@dataclass
class Write:
    """The writer, the object and the options of a write. `warnings` are returned in `Warning` headers."""

    user: User
    kind: Kind
    namespace: str
    name: str
    manager: str
    dry: bool = False
    force: bool = False

    def __post_init__(self) -> None:
        self.warnings: list[str] = []

    def manager_for(self, operation: str) -> Manager:
        return Manager(self.manager, operation, self.kind.api_version)


@transaction.atomic
def create(write: Write, manifest: Body) -> Body:
    """POST. Raises a Failure: 404 for a missing namespace, 409 if the name is in use, or that of admission."""
    body = copy.deepcopy(manifest)
    metadata = body["metadata"]
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = metadata["generateName"] + "".join(secrets.choice(NAME_ALPHABET) for _ in range(5))
    if not metadata.get("name"):
        raise failures.invalid(write.kind, "", [failures.required("metadata.name", "name or generateName is required")])
    write.name = metadata["name"]
    _drop_unknown(write, body)
    body.pop("status", None)
    body = _with_identity(write, body)
    ownership = apply.update({}, body, schema.of(write.kind), write.manager_for("Update"), store.now())
    _require_namespace(write)
    if store.find(write.kind, write.namespace, write.name):
        raise failures.already_exists(write.kind, write.name)
    return _store_new(write, body, ownership)


def _drop_unknown(write: Write, body: Body) -> None:
    """Drop unknown top-level fields with a warning. Raises a 400 Failure for other violations of the schema."""
    for name in [key for key in body if key not in schema.of(write.kind).fields]:
        write.warnings.append(f'unknown field "{name}"')
        del body[name]
    violations = schema.violations(body, schema.of(write.kind))
    if violations:
        kind, violation = write.kind, violations[0].lstrip(".")
        subject = f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}'
        raise failures.bad_request(f"{subject}: strict decoding error: {violation}")


@transaction.atomic
def server_side_apply(write: Write, manifest: Body) -> tuple[Body, bool]:
    """PATCH of type apply. Returns the object and whether it is new.

    Raises a 409 Failure for fields of other managers, unless forced.
    """
    violations = schema.violations(manifest, schema.of(write.kind))
    if violations:
        namespace = manifest["metadata"].get("namespace", "")
        raise failures.not_declared(write.kind, namespace, write.name, violations[0])
    patch = _with_identity(write, copy.deepcopy(manifest))
    patch.pop("status", None)
    live = store.find(write.kind, write.namespace, write.name)
    _check_server_fields(write, patch["metadata"], (live or {}).get("metadata") or {})
    result, ownership = apply.apply(
        live or {}, patch, schema.of(write.kind), write.manager_for("Apply"), store.now(), write.force
    )
    if live is not None:
        return _store_changed(write, live, result, ownership), False
    request = authorization.Request("create", write.kind.group, write.kind.plural, write.namespace, write.name)
    authorization.require(write.user, request, write.kind)
    _require_namespace(write)
    return _store_new(write, result, ownership), True


def _check_server_fields(write: Write, metadata: Body, live: Body) -> None:
    """Fields that only the server writes can be repeated but not changed. Raises 400, 409 or 422 Failures."""
    if metadata.get("managedFields"):
        raise failures.bad_request("metadata.managedFields must be nil")
    if live and metadata.get("resourceVersion", live["resourceVersion"]) != live["resourceVersion"]:
        raise failures.conflict(write.kind, write.name)
    if live and metadata.get("uid", live["uid"]) != live["uid"]:
        cause = failures.invalid_value("metadata.uid", f'"{metadata["uid"]}"', "field is immutable")
        raise failures.invalid(write.kind, write.name, [cause])
    for name in ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"):
        metadata.pop(name, None)


@transaction.atomic
def update(write: Write, alter: Callable[[Body], Body]) -> Body:
    """PUT and merge patches: `alter` returns the new object for the live one.

    Raises a Failure: 404 if there is no such object, 409 for an outdated resourceVersion.
    """
    live = store.get(write.kind, write.namespace, write.name)
    result = _with_identity(write, alter(copy.deepcopy(live)))
    _drop_unknown(write, result)
    version = result["metadata"].get("resourceVersion")
    if version and version != live["metadata"]["resourceVersion"]:
        raise failures.conflict(write.kind, write.name)
    if "status" in live:
        result["status"] = live["status"]
    for name in ("uid", "creationTimestamp", "generation", "managedFields"):
        if name in live["metadata"]:
            result["metadata"][name] = live["metadata"][name]
    ownership = apply.update(live, result, schema.of(write.kind), write.manager_for("Update"), store.now())
    return _store_changed(write, live, result, ownership)


def _with_identity(write: Write, body: Body) -> Body:
    """The object with the kind, name and namespace of the URL."""
    body["apiVersion"], body["kind"] = write.kind.api_version, write.kind.kind
    metadata = body.setdefault("metadata", {})
    metadata["name"] = write.name
    if write.kind.namespaced:
        metadata["namespace"] = write.namespace
    return body


def _require_namespace(write: Write) -> None:
    if not write.kind.namespaced:
        return
    namespace = store.find(named("Namespace"), "", write.namespace)
    if namespace is None:
        raise failures.not_found(named("Namespace"), write.namespace)
    if "deletionTimestamp" in namespace["metadata"]:
        raise failures.terminating(write.kind, write.name, write.namespace)


def _store_new(write: Write, body: Body, ownership: Ownership) -> Body:
    defaults.apply(body)
    _admit(write, body, None)
    validation.check(write.kind, body, None)
    policies.admit(write, body, None)
    if write.kind.kind == "Pod":
        quota.admit(write.kind, body, write.namespace)
    store.stamp(write.kind, body)
    body["metadata"]["managedFields"] = ownership.entries()
    return body if write.dry else store.create(write.kind, body)


def _store_changed(write: Write, live: Body, body: Body, ownership: Ownership) -> Body:
    defaults.apply(body)
    _admit(write, body, live)
    validation.check(write.kind, body, live)
    policies.admit(write, body, live)
    if "generation" in live["metadata"] and body.get("spec") != live.get("spec"):
        body["metadata"]["generation"] = live["metadata"]["generation"] + 1
    body["metadata"]["managedFields"] = ownership.entries()
    body["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
    return body if write.dry or body == live else store.save(write.kind, body)


def _admit(write: Write, body: Body, live: Body | None) -> None:
    """Admission except quota: rights to grant, accounts, limits and pod security. Raises a 403 Failure."""
    if write.kind.kind in ("RoleBinding", "ClusterRoleBinding"):
        authorization.require_right_to_grant(write.user, body, write.kind)
    if write.kind.kind == "Pod" and live is None:
        accounts.admit(write.kind, body, write.namespace)
        quota.apply_limits(write.kind, body, write.namespace)
        violation = podsecurity.violation(store.get(named("Namespace"), "", write.namespace), body["spec"])
        if violation:
            raise failures.forbidden(write.kind, write.name, violation)
    if write.kind.kind == "Deployment":
        _warn(write, (body.get("spec") or {}).get("template") or {})


def _warn(write: Write, template: Body) -> None:
    """A workload whose pods will be refused is stored nevertheless, with a warning."""
    violation = podsecurity.violation(store.get(named("Namespace"), "", write.namespace), template.get("spec") or {})
    if violation:
        write.warnings.append(violation.replace("violates", "would violate", 1))


@transaction.atomic
def delete(write: Write, preconditions: Body) -> Body:
    """DELETE. Returns the deleted object. Raises a Failure: 404, or 409 for a precondition that does not hold."""
    live = store.get(write.kind, write.namespace, write.name)
    for field, label in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        expected, actual = preconditions.get(field), live["metadata"][field]
        if expected and expected != actual:
            problem = f"Precondition failed: {label} in precondition: {expected}, {label} in object meta: {actual}"
            raise failures.conflict(write.kind, write.name, problem)
    policies.admit(write, None, live)
    if write.dry:
        return live
    if write.kind.kind == "Namespace" and Setting.of("deletion") == "slow":
        return store.terminate_namespace(write.name)
    if write.kind.kind == "Namespace":
        store.remove_namespace(write.name)
    else:
        store.remove(live)
    return live
