"""Validation of objects before they are stored.

Required fields come from the schema. The rules here are those that a team encounters: names, labels, selectors,
quantities and immutable fields.
"""

import json
import re
from typing import Any

from sandbox.kubernetes import quantity, schema
from sandbox.kubernetes.failures import Cause, invalid, invalid_value, required
from sandbox.kubernetes.kinds import Kind

Body = dict[str, Any]

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_MUST_END = "and must start and end with an alphanumeric character"
_REGEX = "regex used for validation is"
_LABEL_MESSAGE = (
    f"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', {_MUST_END} "
    f"(e.g. 'my-name',  or '123-abc', {_REGEX} '{_LABEL.pattern}')"
)
_SUBDOMAIN_MESSAGE = (
    f"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', {_MUST_END} "
    f"(e.g. 'example.com', {_REGEX} '{_SUBDOMAIN.pattern}')"
)
_VALUE_MESSAGE = (
    f"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', {_MUST_END} "
    f"(e.g. 'MyValue',  or 'my_value',  or '12345', {_REGEX} '{_VALUE.pattern}')"
)
_RBAC_KINDS = {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}  # almost any name is valid


def check(kind: Kind, body: Body, before: Body | None) -> None:
    """Raises a 422 Failure that names every invalid field."""
    name = body["metadata"].get("name", "")
    causes = [*_name(kind, name), *_labels(body), *schema.missing(body, schema.of(kind)), *_kind_specific(kind, body)]
    if before is not None:
        causes += _immutable(kind, body, before)
    if causes:
        raise invalid(kind, name, causes)


def _name(kind: Kind, name: str) -> list[Cause]:
    if kind.kind in _RBAC_KINDS:
        return (
            [invalid_value("metadata.name", json.dumps(name), "may not contain '/'")]  # verbatim
            if "/" in name or "%" in name
            else []
        )
    is_label = kind.kind in ("Namespace", "Service")
    pattern, limit, message = (_LABEL, 63, _LABEL_MESSAGE) if is_label else (_SUBDOMAIN, 253, _SUBDOMAIN_MESSAGE)
    if len(name) > limit:
        return [invalid_value("metadata.name", json.dumps(name), f"must be no more than {limit} characters")]
    return [] if pattern.fullmatch(name) else [invalid_value("metadata.name", json.dumps(name), message)]


def _labels(body: Body) -> list[Cause]:
    causes = []
    for value in (body["metadata"].get("labels") or {}).values():
        if len(value) > 63 or not _VALUE.fullmatch(value):
            causes.append(invalid_value("metadata.labels", json.dumps(value), _VALUE_MESSAGE))
    return causes


def _kind_specific(kind: Kind, body: Body) -> list[Cause]:
    if kind.kind == "Deployment":
        return _workload(body)
    if kind.kind == "Pod":
        return _pod_spec(body.get("spec") or {}, "spec")
    if kind.kind == "ResourceQuota":
        return _quantities((body.get("spec") or {}).get("hard") or {}, "spec.hard")
    return []


def _workload(body: Body) -> list[Cause]:
    spec = body.get("spec") or {}
    template = spec.get("template") or {}
    selector = (spec.get("selector") or {}).get("matchLabels") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    causes = _pod_spec(template.get("spec") or {}, "spec.template.spec")
    if spec.get("selector") is not None and any(labels.get(key) != value for key, value in selector.items()):
        value = json.dumps(labels, separators=(",", ":"))
        causes.insert(
            0, invalid_value("spec.template.metadata.labels", value, "`selector` does not match template `labels`")
        )
    return causes


def _pod_spec(spec: Body, path: str) -> list[Cause]:
    volumes = {volume.get("name") for volume in spec.get("volumes") or []}
    causes = []
    for index, container in enumerate(spec.get("containers") or []):
        causes += _container(container, f"{path}.containers[{index}]", volumes)
    return causes


def _container(container: Body, path: str, volumes: set[Any]) -> list[Cause]:
    causes = [] if container.get("image") else [required(f"{path}.image")]
    resources = container.get("resources") or {}
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    invalid_quantities = _quantities(requests, f"{path}.resources.requests") + _quantities(
        limits, f"{path}.resources.limits"
    )
    causes += invalid_quantities or _requests_within(requests, limits, path)
    for index, mount in enumerate(container.get("volumeMounts") or []):
        if mount.get("name") not in volumes:
            field = f"{path}.volumeMounts[{index}].name"
            causes.append(Cause(field, "FieldValueNotFound", f'Not found: "{mount.get("name")}"'))
    return causes


def _requests_within(requests: Body, limits: Body, path: str) -> list[Cause]:
    causes = []
    for name, value in requests.items():
        if name in limits and quantity.parse(value) > quantity.parse(limits[name]):
            message = f"must be less than or equal to {name} limit of {limits[name]}"
            causes.append(invalid_value(f"{path}.resources.requests", json.dumps(value), message))
    return causes


def _quantities(values: Body, path: str) -> list[Cause]:
    causes = []
    for name, value in values.items():
        try:
            if quantity.parse(value) < 0:
                causes.append(invalid_value(f"{path}[{name}]", json.dumps(value), "must be greater than or equal to 0"))
        except ValueError as error:
            causes.append(invalid_value(f"{path}[{name}]", json.dumps(value), str(error)))
    return causes


def _immutable(kind: Kind, body: Body, before: Body) -> list[Cause]:
    """Changes of fields that are immutable after creation."""
    if kind.kind == "Deployment" and body["spec"].get("selector") != before["spec"].get("selector"):
        return [invalid_value("spec.selector", json.dumps(body["spec"].get("selector")), "field is immutable")]
    if kind.kind in ("RoleBinding", "ClusterRoleBinding") and body.get("roleRef") != before.get("roleRef"):
        return [invalid_value("roleRef", json.dumps(body.get("roleRef")), "cannot change roleRef")]
    return []
