"""The objects of the cluster: read, written and removed, each write with its next resourceVersion."""

import copy
import datetime
import logging
import threading
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.db.models import F

from sandbox.kubernetes.failures import already_exists, not_found
from sandbox.kubernetes.kinds import Kind, named
from sandbox.kubernetes.models import Object, Revision

Body = dict[str, Any]

logger = logging.getLogger(__name__)
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
    if "spec" in body and kind.kind not in (
        "Namespace",
        "Service",
        "ResourceQuota",
        "LimitRange",
        "HorizontalPodAutoscaler",
    ):
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


def change(kind: Kind, namespace: str, name: str, alter: Callable[[Body], None], uid: str = "") -> Body | None:
    """Reads, alters and stores an object in one transaction; what alters nothing takes no lock and writes nothing.

    `alter` may be called twice. None where there is no such object (any more), or another of its name when a `uid`
    is given.
    """
    seen = find(kind, namespace, name)
    if seen is None or (uid and seen["metadata"]["uid"] != uid):
        return None
    if _altered(seen, alter) == seen:
        return seen
    with transaction.atomic():
        row = Object.objects.filter(group=kind.group, kind=kind.kind, namespace=namespace, name=name).first()
        if row is None or (uid and row.uid != uid):
            return None
        return save(kind, _altered(row.body, alter))


def _altered(body: Body, alter: Callable[[Body], None]) -> Body:
    copied = copy.deepcopy(body)
    alter(copied)
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


def matching(bodies: Iterable[Body], labels: dict[str, str]) -> list[Body]:
    """Those that bear all these labels."""
    return [body for body in bodies if labels.items() <= (body["metadata"].get("labels") or {}).items()]


def namespace_exists(name: str) -> bool:
    return find(named("Namespace"), "", name) is not None
