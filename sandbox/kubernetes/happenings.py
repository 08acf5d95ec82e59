"""Events of the cluster: the same about the same object is one Event with a count, as in earnest."""

import hashlib
from typing import Any

from sandbox.kubernetes import store
from sandbox.kubernetes.failures import Failure
from sandbox.kubernetes.kinds import named

Body = dict[str, Any]
EVENT = named("Event")


def tell(about: Body, reason: str, message: str, warning: bool = False, component: str = "kubelet") -> None:
    """Records that something happened to an object."""
    metadata = about["metadata"]
    mark = hashlib.sha256(f"{metadata['uid']}{reason}{message}".encode()).hexdigest()[:16]
    name, namespace = f"{metadata['name']}.{mark}", metadata.get("namespace") or "default"
    if store.change(EVENT, namespace, name, _again) is None:
        _first(about, name, namespace, reason, message, "Warning" if warning else "Normal", component)


def _again(event: Body) -> None:
    event["count"] += 1
    event["lastTimestamp"] = store.now()


def _first(about: Body, name: str, namespace: str, reason: str, message: str, kind: str, component: str) -> None:
    metadata = about["metadata"]
    involved = {
        "kind": about["kind"],
        "apiVersion": about["apiVersion"],
        "name": metadata["name"],
        "uid": metadata["uid"],
    }
    involved |= {"namespace": metadata["namespace"]} if metadata.get("namespace") else {}
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": namespace},
        "involvedObject": involved,
        "reason": reason,
        "message": message,
        "type": kind,
        "count": 1,
        "source": {"component": component},
        "reportingComponent": component,
        "reportingInstance": "",
        "firstTimestamp": store.now(),
        "lastTimestamp": store.now(),
        "eventTime": None,
    }
    try:
        store.create(EVENT, store.stamp(EVENT, event))
    except Failure:  # told at the same moment by another thread
        store.change(EVENT, namespace, name, _again)
