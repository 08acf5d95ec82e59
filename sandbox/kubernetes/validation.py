"""What an object must be before it is stored. Raises the 422 that a real server answers.

Required fields come from the schema; the rules here are those a team meets: names, labels, selectors, quantities and what must not change.
"""

import json
import re
from typing import Any

from sandbox.kubernetes import quantity, schema
from sandbox.kubernetes.failures import Cause, invalid, required, wrong
from sandbox.kubernetes.kinds import Kind

Body = dict[str, Any]

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_ENDS = "and must start and end with an alphanumeric character"
_USED = "regex used for validation is"
_LABEL_SAYS = (
    f"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', {_ENDS} "
    f"(e.g. 'my-name',  or '123-abc', {_USED} '{_LABEL.pattern}')"
)
_SUBDOMAIN_SAYS = (
    f"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', {_ENDS} "
    f"(e.g. 'example.com', {_USED} '{_SUBDOMAIN.pattern}')"
)
_VALUE_SAYS = (
    f"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', {_ENDS} "
    f"(e.g. 'MyValue',  or 'my_value',  or '12345', {_USED} '{_VALUE.pattern}')"
)
_PATH_NAMES = {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}  # almost any name will do


def check(kind: Kind, body: Body, before: Body | None) -> None:
    """Raises a 422 Failure that names every field that is wrong."""
    name = body["metadata"].get("name", "")
    causes = [*_name(kind, name), *_labels(body), *schema.missing(body, schema.of(kind)), *_of_kind(kind, body)]
    if before is not None:
        causes += _unchanged(kind, body, before)
    if causes:
        raise invalid(kind, name, causes)


def _name(kind: Kind, name: str) -> list[Cause]:
    if kind.kind in _PATH_NAMES:
        return [wrong("metadata.name", json.dumps(name), "may not contain '/'")] if "/" in name or "%" in name else []
    label = kind.kind in ("Namespace", "Service")
    form, longest, says = (_LABEL, 63, _LABEL_SAYS) if label else (_SUBDOMAIN, 253, _SUBDOMAIN_SAYS)
    if len(name) > longest:
        return [wrong("metadata.name", json.dumps(name), f"must be no more than {longest} characters")]
    return [] if form.fullmatch(name) else [wrong("metadata.name", json.dumps(name), says)]


def _labels(body: Body) -> list[Cause]:
    causes = []
    for value in (body["metadata"].get("labels") or {}).values():
        if len(value) > 63 or not _VALUE.fullmatch(value):
            causes.append(wrong("metadata.labels", json.dumps(value), _VALUE_SAYS))
    return causes


def _of_kind(kind: Kind, body: Body) -> list[Cause]:
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
    wanted = (spec.get("selector") or {}).get("matchLabels") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    causes = _pod_spec(template.get("spec") or {}, "spec.template.spec")
    if spec.get("selector") is not None and any(labels.get(key) != value for key, value in wanted.items()):
        shown = json.dumps(labels, separators=(",", ":"))
        causes.insert(0, wrong("spec.template.metadata.labels", shown, "`selector` does not match template `labels`"))
    return causes


def _pod_spec(spec: Body, path: str) -> list[Cause]:
    volumes = {volume.get("name") for volume in spec.get("volumes") or []}
    containers = enumerate(spec.get("containers") or [])
    return [cause for number, one in containers for cause in _container(one, f"{path}.containers[{number}]", volumes)]


def _container(container: Body, at: str, volumes: set[Any]) -> list[Cause]:
    causes = [] if container.get("image") else [required(f"{at}.image")]
    resources = container.get("resources") or {}
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    found = _quantities(requests, f"{at}.resources.requests") + _quantities(limits, f"{at}.resources.limits")
    causes += found or _requests_within(requests, limits, at)
    for number, mount in enumerate(container.get("volumeMounts") or []):
        if mount.get("name") not in volumes:
            where = f"{at}.volumeMounts[{number}].name"
            causes.append(Cause(where, "FieldValueNotFound", f'Not found: "{mount.get("name")}"'))
    return causes


def _requests_within(requests: Body, limits: Body, at: str) -> list[Cause]:
    causes = []
    for name, value in requests.items():
        if name in limits and quantity.parse(value) > quantity.parse(limits[name]):
            says = f"must be less than or equal to {name} limit of {limits[name]}"
            causes.append(wrong(f"{at}.resources.requests", json.dumps(value), says))
    return causes


def _quantities(values: Body, path: str) -> list[Cause]:
    causes = []
    for name, value in values.items():
        try:
            if quantity.parse(value) < 0:
                causes.append(wrong(f"{path}[{name}]", json.dumps(value), "must be greater than or equal to 0"))
        except ValueError as error:
            causes.append(wrong(f"{path}[{name}]", json.dumps(value), str(error)))
    return causes


def _unchanged(kind: Kind, body: Body, before: Body) -> list[Cause]:
    """What may not change after creation."""
    if kind.kind == "Deployment" and body["spec"].get("selector") != before["spec"].get("selector"):
        return [wrong("spec.selector", json.dumps(body["spec"].get("selector")), "field is immutable")]
    if kind.kind in ("RoleBinding", "ClusterRoleBinding") and body.get("roleRef") != before.get("roleRef"):
        return [wrong("roleRef", json.dumps(body.get("roleRef")), "cannot change roleRef")]
    return []
