"""The way of a write through the API server: read what is there, change it, default, validate, admit, store.

Every function is one transaction and leaves nothing behind when it raises a Failure; with `dry` it stores nothing
and answers what it would have stored.
"""

import copy
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from sandbox.kubernetes import (
    apply,
    authorization,
    defaults,
    failures,
    podsecurity,
    quota,
    schema,
    store,
    validation,
)
from sandbox.kubernetes.authentication import User
from sandbox.kubernetes.kinds import Kind, named

Body = dict[str, Any]
LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""What generated names are made of."""


@dataclass
class Write:
    """Who writes which object, and how. `warnings` go back in `Warning` headers."""

    user: User
    kind: Kind
    namespace: str
    name: str
    manager: str
    dry: bool = False
    force: bool = False

    def __post_init__(self) -> None:
        self.warnings: list[str] = []

    def by(self, operation: str) -> apply.Manager:
        return apply.Manager(self.manager, operation, self.kind.api_version)


@transaction.atomic
def create(write: Write, sent: Body) -> Body:
    """POST. Raises 404 for a missing namespace, 409 where the name is taken, and what admission says."""
    body = copy.deepcopy(sent)
    metadata = body["metadata"]
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = metadata["generateName"] + "".join(secrets.choice(LETTERS) for _ in range(5))
    if not metadata.get("name"):
        raise failures.invalid(write.kind, "", [failures.required("metadata.name", "name or generateName is required")])
    write.name = metadata["name"]
    _drop_unknown(write, body)
    body.pop("status", None)
    ownership = apply.update({}, _address(write, body), schema.of(write.kind), write.by("Update"), store.now())
    _must_have_namespace(write)
    if store.find(write.kind, write.namespace, write.name):
        raise failures.already_exists(write.kind, write.name)
    return _store_new(write, body, ownership)


def _drop_unknown(write: Write, body: Body) -> None:
    """Only server-side apply refuses unknown fields; other writes drop them with a warning."""
    for name in [key for key in body if key not in schema.of(write.kind).fields]:
        write.warnings.append(f'unknown field "{name}"')
        del body[name]
    said = schema.violations(body, schema.of(write.kind))
    if said:
        kind, problem = write.kind, said[0].lstrip(".")
        what = f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}'
        raise failures.bad_request(f"{what}: strict decoding error: {problem}")


@transaction.atomic
def server_side_apply(write: Write, wanted: Body) -> tuple[Body, bool]:
    """PATCH of type apply: the object, and whether it is new. Raises 409 on fields of others unless forced."""
    said = schema.violations(wanted, schema.of(write.kind))
    if said:
        raise failures.not_declared(write.kind, wanted["metadata"].get("namespace", ""), write.name, said[0])
    wanted = _address(write, copy.deepcopy(wanted))
    wanted.pop("status", None)
    live = store.find(write.kind, write.namespace, write.name)
    _check_servers_fields(write, wanted["metadata"], (live or {}).get("metadata") or {})
    result, ownership = apply.apply(
        live or {}, wanted, schema.of(write.kind), write.by("Apply"), store.now(), write.force
    )
    if live is not None:
        return _store_changed(write, live, result, ownership), False
    verb = authorization.Request("create", write.kind.group, write.kind.plural, write.namespace, write.name)
    authorization.require(write.user, verb, write.kind)
    _must_have_namespace(write)
    return _store_new(write, result, ownership), True


def _check_servers_fields(write: Write, wanted: Body, live: Body) -> None:
    """What only the server writes may be repeated, not changed. Raises 400, 409 or 422 Failures."""
    if wanted.get("managedFields"):
        raise failures.bad_request("metadata.managedFields must be nil")
    if live and wanted.get("resourceVersion", live["resourceVersion"]) != live["resourceVersion"]:
        raise failures.conflict(write.kind, write.name)
    if live and wanted.get("uid", live["uid"]) != live["uid"]:
        cause = failures.wrong("metadata.uid", f'"{wanted["uid"]}"', "field is immutable")
        raise failures.invalid(write.kind, write.name, [cause])
    for name in ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"):
        wanted.pop(name, None)


@transaction.atomic
def update(write: Write, alter: Callable[[Body], Body]) -> Body:
    """PUT and merge patches: `alter` makes the new object of the old one. Raises 404, and 409 for a stale one."""
    live = store.get(write.kind, write.namespace, write.name)
    result = _address(write, alter(copy.deepcopy(live)))
    _drop_unknown(write, result)
    version = result["metadata"].get("resourceVersion")
    if version and version != live["metadata"]["resourceVersion"]:
        raise failures.conflict(write.kind, write.name)
    if "status" in live:
        result["status"] = live["status"]
    for name in ("uid", "creationTimestamp", "generation", "managedFields"):
        if name in live["metadata"]:
            result["metadata"][name] = live["metadata"][name]
    ownership = apply.update(live, result, schema.of(write.kind), write.by("Update"), store.now())
    return _store_changed(write, live, result, ownership)


def _address(write: Write, body: Body) -> Body:
    body["apiVersion"], body["kind"] = write.kind.api_version, write.kind.kind
    metadata = body.setdefault("metadata", {})
    metadata["name"] = write.name
    if write.kind.namespaced:
        metadata["namespace"] = write.namespace
    return body


def _must_have_namespace(write: Write) -> None:
    if write.kind.namespaced and not store.namespace_exists(write.namespace):
        raise failures.not_found(named("Namespace"), write.namespace)


def _store_new(write: Write, body: Body, ownership: apply.Ownership) -> Body:
    defaults.fill(body)
    _admit(write, body, None)
    validation.check(write.kind, body, None)
    if write.kind.kind == "Pod":
        quota.admit(write.kind, body, write.namespace)
    store.stamp(write.kind, body)
    body["metadata"]["managedFields"] = ownership.written()
    return body if write.dry else store.create(write.kind, body)


def _store_changed(write: Write, live: Body, body: Body, ownership: apply.Ownership) -> Body:
    defaults.fill(body)
    _admit(write, body, live)
    validation.check(write.kind, body, live)
    if "generation" in live["metadata"] and body.get("spec") != live.get("spec"):
        body["metadata"]["generation"] = live["metadata"]["generation"] + 1
    body["metadata"]["managedFields"] = ownership.written()
    body["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
    return body if write.dry or body == live else store.save(write.kind, body)


def _admit(write: Write, body: Body, live: Body | None) -> None:
    """Admission of everything but quota: accounts, limits, pod security. Raises a 403 Failure."""
    if write.kind.kind == "Pod" and live is None:
        _admit_account(write.kind, body, write.namespace)
        quota.apply_limits(write.kind, body, write.namespace)
        violation = podsecurity.violation(store.get(named("Namespace"), "", write.namespace), body["spec"])
        if violation:
            raise failures.refused(write.kind, write.name, violation)
    if write.kind.kind == "Deployment":
        _warn(write, (body.get("spec") or {}).get("template") or {})


def _admit_account(kind: Kind, pod: Body, namespace: str) -> None:
    """The account must be there, and lends its pull secrets; `default` is there from the beginning. Raises a 403 Failure."""
    name = pod["spec"].get("serviceAccountName", "default")
    account = store.find(named("ServiceAccount"), namespace, name)
    if account is None and name != "default":
        says = f'error looking up service account {namespace}/{name}: serviceaccount "{name}" not found'
        raise failures.refused(kind, pod["metadata"].get("name", ""), says)
    lent = (account or {}).get("imagePullSecrets")
    if lent and not pod["spec"].get("imagePullSecrets"):
        pod["spec"]["imagePullSecrets"] = lent


def _warn(write: Write, template: Body) -> None:
    """A workload that its namespace will refuse pods of is stored all the same, with a warning."""
    violation = podsecurity.violation(store.get(named("Namespace"), "", write.namespace), template.get("spec") or {})
    if violation:
        write.warnings.append(violation.replace("violates", "would violate", 1))


@transaction.atomic
def delete(write: Write, preconditions: Body) -> Body:
    """DELETE: the object as it was. Raises 404, and 409 where a precondition does not hold."""
    live = store.get(write.kind, write.namespace, write.name)
    for field, label in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        wanted, found = preconditions.get(field), live["metadata"][field]
        if wanted and wanted != found:
            says = f"Precondition failed: {label} in precondition: {wanted}, {label} in object meta: {found}"
            raise failures.conflict(write.kind, write.name, says)
    if write.dry:
        return live
    if write.kind.kind == "Namespace":
        store.remove_namespace(write.name)
    else:
        store.remove(live)
    return live
