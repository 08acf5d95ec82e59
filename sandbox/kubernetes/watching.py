"""Watches: a stream of changes, one JSON object a line.

For simplicity, each watch compares the store with what it last sent whenever something was written.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.kubernetes import store

Body = dict[str, Any]
POLL_PERIOD = 0.2


def stream(listing: Callable[[], list[Body]], since: int | None, seconds: float) -> Iterator[bytes]:
    """Events ADDED, MODIFIED and DELETED for `seconds`. Objects no newer than `since` get no ADDED event."""
    deadline = time.monotonic() + seconds
    sent = {
        body["metadata"]["uid"]: body
        for body in listing()
        if since and int(body["metadata"]["resourceVersion"]) <= since
    }
    last_revision = -1
    while time.monotonic() < deadline:
        revision = store.revision()
        if revision != last_revision:
            last_revision = revision
            current = {body["metadata"]["uid"]: body for body in listing()}
            yield from _differences(sent, current)
            sent = current
        time.sleep(POLL_PERIOD)


def _differences(sent: dict[str, Body], current: dict[str, Body]) -> Iterator[bytes]:
    for uid, body in current.items():
        before = sent.get(uid)
        if before is None:
            yield _line("ADDED", body)
        elif before["metadata"]["resourceVersion"] != body["metadata"]["resourceVersion"]:
            yield _line("MODIFIED", body)
    for uid, body in sent.items():
        if uid not in current:
            yield _line("DELETED", body)


def _line(kind: str, body: Body) -> bytes:
    return json.dumps({"type": kind, "object": body}).encode() + b"\n"
