"""The objects of the cluster: read, written and removed, each write with its next resourceVersion."""

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
"""Rings whenever something was written; the controllers wait for it."""


def now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def find(kind: Kind, namespace: str, name: str) -> Body | None:
    row = Object.objects.filter(group=kind.group, kind=kind.kind, namespace=namespace, name=name).first()
    return row.body if row else None


def get(kind: Kind, namespace: str, name: str) -> Body:
    """Raises a 404 Failure."""
    body = find(kind, namespace, name)
    if body is None:
        raise not_found(kind, name)
    return body


def every(kind: Kind, namespace: str = "") -> list[Body]:
    """All objects of a kind, of one namespace where one is given, in the order of their names."""
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
    """What a new object has besides what was sent: uid, times, generation."""
    metadata = body["metadata"]
    metadata.update(uid=str(uuid.uuid4()), creationTimestamp=now())
    if "spec" in body and kind.kind not in WITHOUT_GENERATION:
        metadata["generation"] = 1
    return body


def create(kind: Kind, body: Body) -> Body:
    """Stores a new, stamped object. Raises a 409 Failure where one of its name is there."""
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
    """Stores an object anew, to be called inside the transaction that read it."""
    metadata = body["metadata"]
    metadata["resourceVersion"] = _next_revision()
    Object.objects.filter(uid=metadata["uid"]).update(body=body)
    transaction.on_commit(changed.set)
    return body


def alter(kind: Kind, body: Body, change: Callable[[Body], None]) -> Body | None:
    """Changes the stored object that `body` is, or was; what changes nothing takes no lock and writes nothing.

    `change` may be called twice. None where the object is gone.
    """
    found = Object.objects.filter(uid=body["metadata"]["uid"])
    row = found.first()
    if row is None or _altered(row.body, change) == row.body:
        return row.body if row else None
    with transaction.atomic():
        row = found.first()
        return save(kind, _altered(row.body, change)) if row else None


def _altered(body: Body, change: Callable[[Body], None]) -> Body:
    copied = copy.deepcopy(body)
    change(copied)
    return copied


def remove(body: Body) -> None:
    """Removes an object and, as the garbage collector does, everything that it owns."""
    with transaction.atomic():
        uids = [body["metadata"]["uid"]]
        while uids:
            owned = list(Object.objects.filter(owner__in=uids).values_list("uid", flat=True))
            Object.objects.filter(uid__in=uids).delete()
            uids = owned
        _next_revision()
    changed.set()


def remove_namespace(name: str) -> None:
    """Removes a namespace with all that is in it."""
    with transaction.atomic():
        Object.objects.filter(namespace=name).delete()
        Object.objects.filter(group="", kind="Namespace", name=name).delete()
        _next_revision()
    changed.set()


def namespace_exists(name: str) -> bool:
    return find(named("Namespace"), "", name) is not None
