"""JSON merge patch (RFC 7386) and what of a strategic merge patch is more: named lists are merged by name."""

from typing import Any


def merge(target: Any, patch: Any, keyed: bool = False) -> Any:
    """With `keyed`, lists of named objects are merged by name, as a strategic merge patch does."""
    if keyed and _named(target) and _named(patch):
        by_name = {one["name"]: one for one in target}
        return [*({**by_name, **{one["name"]: merge(by_name.get(one["name"]), one, keyed) for one in patch}}).values()]
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value, keyed)
    return result


def _named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and "name" in one for one in value)
