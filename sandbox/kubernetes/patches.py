"""JSON merge patch (RFC 7386) and JSON patch (RFC 6902, what of it is used): other ways to change an object."""

from typing import Any

from sandbox.kubernetes.failures import bad_request


def merge(target: Any, patch: Any, keyed: bool = False) -> Any:
    """RFC 7386. With `keyed`, lists of named objects are merged by name, as a strategic merge patch does."""
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


def operations(target: Any, patch: Any) -> Any:
    """RFC 6902: add, replace and remove. Raises a 400 Failure for anything else."""
    if not isinstance(patch, list):
        raise bad_request("a JSON patch is a list of operations")
    for step in patch:
        *parents, last = [
            part.replace("~1", "/").replace("~0", "~") for part in str(step.get("path", "")).split("/")[1:]
        ]
        holder = target
        for part in parents:
            holder = holder[int(part)] if isinstance(holder, list) else holder.setdefault(part, {})
        if step.get("op") in ("add", "replace") and isinstance(holder, dict):
            holder[last] = step.get("value")
        elif step.get("op") == "remove" and isinstance(holder, dict) and last in holder:
            del holder[last]
        else:
            raise bad_request(
                f"the operation {step.get('op')} at {step.get('path')} is not one that this cluster knows"
            )
    return target
