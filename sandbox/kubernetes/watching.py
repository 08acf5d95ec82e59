"""Watches: a stream of what changes, one JSON object a line.

Kept simple: the store is compared with what this watch last saw each time that something was written.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.kubernetes import store

Body = dict[str, Any]
LOOK_EVERY = 0.2


def stream(listing: Callable[[], list[Body]], since: int | None, seconds: float) -> Iterator[bytes]:
    """Events ADDED, MODIFIED and DELETED for `seconds`; what is not newer than `since` is not told as added."""
    until = time.monotonic() + seconds
    known = {
        body["metadata"]["uid"]: body
        for body in listing()
        if since and int(body["metadata"]["resourceVersion"]) <= since
    }
    seen = -1
    while time.monotonic() < until:
        revision = store.revision()
        if revision != seen:
            seen = revision
            found = {body["metadata"]["uid"]: body for body in listing()}
            yield from _differences(known, found)
            known = found
        time.sleep(LOOK_EVERY)


def _differences(known: dict[str, Body], found: dict[str, Body]) -> Iterator[bytes]:
    for uid, body in found.items():
        before = known.get(uid)
        if before is None:
            yield _line("ADDED", body)
        elif before["metadata"]["resourceVersion"] != body["metadata"]["resourceVersion"]:
            yield _line("MODIFIED", body)
    for uid, body in known.items():
        if uid not in found:
            yield _line("DELETED", body)


def _line(kind: str, body: Body) -> bytes:
    return json.dumps({"type": kind, "object": body}).encode() + b"\n"
