"""Events of the cluster. As in a real one, a repeated event about an object is a single Event with a count."""

import hashlib
from contextlib import suppress
from typing import Any

from sandbox.kubernetes import store
from sandbox.kubernetes.failures import Failure
from sandbox.kubernetes.kinds import named

Body = dict[str, Any]
EVENT = named("Event")


def record(involved: Body, reason: str, message: str, warning: bool = False) -> None:
    """Record an event about an object."""
    metadata = involved["metadata"]
    digest = hashlib.sha256(f"{metadata['uid']}{reason}{message}".encode()).hexdigest()[:16]
    name, namespace = f"{metadata['name']}.{digest}", metadata.get("namespace") or "default"
    event = store.find(EVENT, namespace, name)
    if event:
        store.alter(EVENT, event, _count)
    else:
        _create(involved, name, namespace, reason, message, "Warning" if warning else "Normal")


def _count(event: Body) -> None:
    event["count"] += 1
    event["lastTimestamp"] = store.now()


def _create(involved: Body, name: str, namespace: str, reason: str, message: str, kind: str) -> None:
    reference = {key: involved[key] for key in ("kind", "apiVersion")}
    reference |= {
        key: involved["metadata"][key] for key in ("name", "uid", "namespace") if involved["metadata"].get(key)
    }
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace},
        "involvedObject": reference,
        "reason": reason,
        "message": message,
        "type": kind,
        "count": 1,
        "source": {"component": "sandbox"},
        "firstTimestamp": store.now(),
        "lastTimestamp": store.now(),
        "eventTime": None,
    }
    with suppress(Failure):  # another thread has created the same event concurrently
        store.create(EVENT, store.stamp(EVENT, event))
