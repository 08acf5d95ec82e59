"""Label and field selectors of a list. Source: apimachinery's `pkg/labels/selector.go`."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.kubernetes.failures import bad_request

Body = dict[str, Any]
_REQUIREMENT = re.compile(r"([\w./-]+)\s*(==|=|!=)\s*([\w./-]*)")
_FIELDS = {"metadata.name", "metadata.namespace", "involvedObject.name", "involvedObject.kind"}


def by_labels(text: str) -> Callable[[Body], bool]:
    """The test of a `labelSelector`: equalities. Raises a 400 Failure for one that cannot be read."""
    wanted = _read(text)
    return lambda body: all(
        ((body["metadata"].get("labels") or {}).get(key) == value) == equal for key, equal, value in wanted
    )


def by_fields(text: str) -> Callable[[Body], bool]:
    """The test of a `fieldSelector`. Raises a 400 Failure for a field that cannot be selected by."""
    wanted = _read(text)
    for key, _, _ in wanted:
        if key not in _FIELDS:
            raise bad_request(f"field label not supported: {key}")
    return lambda body: all((_dig(body, key) == value) == equal for key, equal, value in wanted)


def _read(text: str) -> list[tuple[str, bool, str]]:
    """(key, whether it must be equal, value) of every part."""
    found = []
    for part in filter(None, map(str.strip, text.split(","))):
        match = _REQUIREMENT.fullmatch(part)
        if not match:
            raise bad_request(f"unable to parse requirement: found '{part}', expected: an equality")
        found.append((match[1], match[2] != "!=", match[3]))
    return found


def _dig(body: Any, key: str) -> Any:
    for name in key.split("."):
        body = body.get(name, "") if isinstance(body, dict) else ""
    return body
