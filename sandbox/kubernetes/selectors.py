"""Label and field selectors of a list. Source: apimachinery's `pkg/labels/selector.go`."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.kubernetes.failures import bad_request

Body = dict[str, Any]
_REQUIREMENT = re.compile(r"([\w./-]+)\s*(==|=|!=)\s*([\w./-]*)")
_FIELDS = {"metadata.name", "metadata.namespace", "involvedObject.name", "involvedObject.kind"}


def by_labels(selector: str) -> Callable[[Body], bool]:
    """The predicate of a `labelSelector` with equalities. Raises a 400 Failure if it cannot be parsed."""
    requirements = _parse(selector)
    return lambda body: all(
        ((body["metadata"].get("labels") or {}).get(key) == value) == equal for key, equal, value in requirements
    )


def by_fields(selector: str) -> Callable[[Body], bool]:
    """The predicate of a `fieldSelector`. Raises a 400 Failure for an unsupported field."""
    requirements = _parse(selector)
    for key, _, _ in requirements:
        if key not in _FIELDS:
            raise bad_request(f"field label not supported: {key}")
    return lambda body: all((_field(body, key) == value) == equal for key, equal, value in requirements)


def _parse(selector: str) -> list[tuple[str, bool, str]]:
    """(key, whether it must be equal, value) for each requirement."""
    requirements = []
    for part in filter(None, map(str.strip, selector.split(","))):
        match = _REQUIREMENT.fullmatch(part)
        if not match:
            raise bad_request(f"unable to parse requirement: found '{part}', expected: an equality")
        requirements.append((match[1], match[2] != "!=", match[3]))
    return requirements


def _field(body: Any, key: str) -> Any:
    for name in key.split("."):
        body = body.get(name, "") if isinstance(body, dict) else ""
    return body
