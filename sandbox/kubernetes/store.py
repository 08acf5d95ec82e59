"""Reading, writing and removing the cluster's objects. Each write gets the next resourceVersion."""

import copy
import datetime
import threading
import uuid
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import F

from sandbox.kubernetes.failures import already_exists, not_found
from sandbox.kubernetes.kinds import Kind, named
from sandbox.kubernetes.models import Object, Revision

Body = dict[str, Any]
WITHOUT_GENERATION = ("Namespace", "Service", "ResourceQuota", "LimitRange")

changed = threading.Event()
"""Set after every write; the controllers wait for it."""


def now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def find(kind: Kind, namespace: str, name: str) -> Body | None:
    row = Object.objects.filter(group=kind.group, kind=kind.kind, namespace=namespace, name=name).first()
    return row.body if row else None


def get(kind: Kind, namespace: str, name: str) -> Body:
    """The object. Raises a 404 Failure."""
    body = find(kind, namespace, name)
    if body is None:
        raise not_found(kind, name)
    return body


def list_objects(kind: Kind, namespace: str = "") -> list[Body]:
    """All objects of a kind, optionally of one namespace, ordered by name."""
    rows = Object.objects.filter(group=kind.group, kind=kind.kind)
    if namespace:
        rows = rows.filter(namespace=namespace)
    return [row.body for row in rows.order_by("namespace", "name")]


def revision() -> int:
    return Revision.objects.values_list("number", flat=True).first() or 0


def _next_revision() -> str:
    if not Revision.objects.filter(pk=1).update(number=F("number") + 1):
        Revision.objects.create(pk=1, number=1)
    return str(Revision.objects.get(pk=1).number)


def stamp(kind: Kind, body: Body) -> Body:
    """Add the server's metadata to a new object: uid, creation time and generation."""
    metadata = body["metadata"]
    metadata.update(uid=str(uuid.uuid4()), creationTimestamp=now())
    if "spec" in body and kind.kind not in WITHOUT_GENERATION:
        metadata["generation"] = 1
    return body


def create(kind: Kind, body: Body) -> Body:
    """Store a new, stamped object. Raises a 409 Failure if the name is in use."""
    metadata = body["metadata"]
    namespace, name = metadata.get("namespace", ""), metadata["name"]
    owners = metadata.get("ownerReferences") or [{}]
    with transaction.atomic():
        if Object.objects.filter(group=kind.group, kind=kind.kind, namespace=namespace, name=name).exists():
            raise already_exists(kind, name)
        metadata["resourceVersion"] = _next_revision()
        Object.objects.create(
            group=kind.group,
            kind=kind.kind,
            namespace=namespace,
            name=name,
            uid=metadata["uid"],
            owner=owners[0].get("uid", ""),
            body=body,
        )
    changed.set()
    return body


def save(kind: Kind, body: Body) -> Body:
    """Store a changed object. Call it inside the transaction that has read the object."""
    metadata = body["metadata"]
    metadata["resourceVersion"] = _next_revision()
    Object.objects.filter(uid=metadata["uid"]).update(body=body)
    transaction.on_commit(changed.set)
    return body


def alter(kind: Kind, body: Body, change: Callable[[Body], None]) -> Body | None:
    """Apply `change` to the stored object with the uid of `body`. Returns the object, or None if it no longer exists.

    `change` can be called twice. If it changes nothing, nothing is locked or written.
    """
    rows = Object.objects.filter(uid=body["metadata"]["uid"])
    row = rows.first()
    if row is None or _changed(row.body, change) == row.body:
        return row.body if row else None
    with transaction.atomic():
        row = rows.first()
        return save(kind, _changed(row.body, change)) if row else None


def _changed(body: Body, change: Callable[[Body], None]) -> Body:
    result = copy.deepcopy(body)
    change(result)
    return result


def remove(body: Body) -> None:
    """Remove an object and, like the garbage collector, everything that it owns."""
    with transaction.atomic():
        uids = [body["metadata"]["uid"]]
        while uids:
            owned = list(Object.objects.filter(owner__in=uids).values_list("uid", flat=True))
            Object.objects.filter(uid__in=uids).delete()
            uids = owned
        _next_revision()
    changed.set()


def remove_namespace(name: str) -> None:
    """Remove a namespace with all its objects."""
    with transaction.atomic():
        Object.objects.filter(namespace=name).delete()
        Object.objects.filter(group="", kind="Namespace", name=name).delete()
        _next_revision()
    changed.set()


def terminate_namespace(name: str) -> Body:
    """Remove its objects, but keep it until something removes it as well. Returns it."""
    with transaction.atomic():
        Object.objects.filter(namespace=name).delete()
        namespace = get(named("Namespace"), "", name)
        namespace["metadata"]["deletionTimestamp"] = namespace["metadata"].get("deletionTimestamp") or now()
        namespace["status"] = {"phase": "Terminating"}
        return save(named("Namespace"), namespace)


def end_terminating() -> None:
    """Remove every namespace that is being deleted."""
    for namespace in list_objects(named("Namespace")):
        if "deletionTimestamp" in namespace["metadata"]:
            remove_namespace(namespace["metadata"]["name"])


def namespace_exists(name: str) -> bool:
    return find(named("Namespace"), "", name) is not None
