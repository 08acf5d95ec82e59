"""Label and field selectors of a list. Source: apimachinery's `pkg/labels/selector.go`."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.kubernetes.failures import bad_request

Body = dict[str, Any]
Test = Callable[[dict[str, str]], bool]
_SET = re.compile(r"^([\w./-]+)\s+(in|notin)\s*\(([^)]*)\)$")
_EQUAL = re.compile(r"^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$")
_EXISTS = re.compile(r"^(!?)\s*([\w./-]+)$")
_COMMA = re.compile(r",(?![^(]*\))")


def by_labels(text: str) -> Test:
    """The test of a `labelSelector`. Raises a 400 Failure for one that cannot be read."""
    tests = [_requirement(part.strip()) for part in _COMMA.split(text) if part.strip()]
    return lambda labels: all(test(labels) for test in tests)


def _requirement(part: str) -> Test:
    if found := _SET.match(part):
        key, operator, values = found[1], found[2], {one.strip() for one in found[3].split(",")}
        return lambda labels: (labels.get(key) in values) == (operator == "in")
    if found := _EQUAL.match(part):
        key, operator, value = found[1], found[2], found[3]
        return lambda labels: (labels.get(key) == value) == (operator != "!=")
    if found := _EXISTS.match(part):
        absent, key = bool(found[1]), found[2]
        return lambda labels: (key in labels) != absent
    raise bad_request(f"unable to parse requirement: found '{part}' expected: an identifier, '!', or an operator")


_FIELDS = {
    "metadata.name",
    "metadata.namespace",
    "status.phase",
    "involvedObject.name",
    "involvedObject.kind",
    "involvedObject.uid",
    "reason",
    "type",
}


def by_fields(text: str) -> Callable[[Body], bool]:
    """The test of a `fieldSelector`. Raises a 400 Failure for a field that cannot be selected by."""
    wanted = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        found = re.match(r"^([\w.]+)(==|=|!=)(.*)$", part)
        if not found:
            raise bad_request(f'invalid field selector: "{part}"')
        if found[1] not in _FIELDS:
            raise bad_request(f"field label not supported: {found[1]}")
        wanted.append((found[1].split("."), found[2] != "!=", found[3]))
    return lambda body: all((_dig(body, path) == value) == equal for path, equal, value in wanted)


def _dig(body: Any, path: list[str]) -> Any:
    for key in path:
        body = body.get(key, "") if isinstance(body, dict) else ""
    return body
