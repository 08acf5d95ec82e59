"""Events of the cluster: the same about the same object is one Event with a count, as in earnest."""

import hashlib
from contextlib import suppress
from typing import Any

from sandbox.kubernetes import store
from sandbox.kubernetes.failures import Failure
from sandbox.kubernetes.kinds import named

Body = dict[str, Any]
EVENT = named("Event")


def tell(about: Body, reason: str, message: str, warning: bool = False) -> None:
    """Records that something happened to an object."""
    metadata = about["metadata"]
    mark = hashlib.sha256(f"{metadata['uid']}{reason}{message}".encode()).hexdigest()[:16]
    name, namespace = f"{metadata['name']}.{mark}", metadata.get("namespace") or "default"
    before = store.find(EVENT, namespace, name)
    if before:
        store.alter(EVENT, before, _again)
    else:
        _first(about, name, namespace, reason, message, "Warning" if warning else "Normal")


def _again(event: Body) -> None:
    event["count"] += 1
    event["lastTimestamp"] = store.now()


def _first(about: Body, name: str, namespace: str, reason: str, message: str, kind: str) -> None:
    involved = {key: about[key] for key in ("kind", "apiVersion")}
    involved |= {key: about["metadata"][key] for key in ("name", "uid", "namespace") if about["metadata"].get(key)}
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace},
        "involvedObject": involved,
        "reason": reason,
        "message": message,
        "type": kind,
        "count": 1,
        "source": {"component": "sandbox"},
        "firstTimestamp": store.now(),
        "lastTimestamp": store.now(),
        "eventTime": None,
    }
    with suppress(Failure):  # told at the same moment by another thread
        store.create(EVENT, store.stamp(EVENT, event))
