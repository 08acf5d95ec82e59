"""Pod Security admission with the levels `baseline` and `restricted`, according to the namespace's labels.

Source: the Pod Security Standards and `k8s.io/pod-security-admission/policy`, which is where the messages are from.
"""

from collections.abc import Callable, Iterator
from typing import Any

Body = dict[str, Any]
ENFORCE = "pod-security.kubernetes.io/enforce"
VERSION = "pod-security.kubernetes.io/enforce-version"
_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def violation(namespace: Body, spec: Body) -> str | None:
    """The message for a pod's spec that violates the namespace's level, or None."""
    labels = namespace["metadata"].get("labels") or {}
    level = labels.get(ENFORCE, "privileged")
    checks = {"restricted": [*_BASELINE, *_RESTRICTED], "baseline": _BASELINE}.get(level, [])
    problems = [problem for check in checks for problem in check(spec)]
    if not problems:
        return None
    return f'violates PodSecurity "{level}:{labels.get(VERSION, "latest")}": {", ".join(problems)}'


def _containers(spec: Body) -> list[Body]:
    return [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]


def _names(containers: list[Body]) -> str:
    quoted = ", ".join(f'"{container.get("name")}"' for container in containers)
    return f"container{'s' if len(containers) > 1 else ''} {quoted}"


def _context(body: Body) -> Body:
    """The securityContext of a container or of a pod's spec."""
    return body.get("securityContext") or {}


def _host_namespaces(spec: Body) -> Iterator[str]:
    used = [f"{name}=true" for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name)]
    if used:
        yield f"host namespaces ({', '.join(used)})"


def _privileged(spec: Body) -> Iterator[str]:
    bad = [container for container in _containers(spec) if _context(container).get("privileged")]
    if bad:
        yield f"privileged ({_names(bad)} must not set securityContext.privileged=true)"


def _escalation(spec: Body) -> Iterator[str]:
    bad = [
        container for container in _containers(spec) if _context(container).get("allowPrivilegeEscalation") is not False
    ]
    if bad:
        must = "must set securityContext.allowPrivilegeEscalation=false"
        yield f"allowPrivilegeEscalation != false ({_names(bad)} {must})"


def _capability_list(container: Body, change: str) -> set[str]:
    return set((_context(container).get("capabilities") or {}).get(change) or [])


def _capabilities(spec: Body) -> Iterator[str]:
    keeping = [container for container in _containers(spec) if "ALL" not in _capability_list(container, "drop")]
    adding = [container for container in _containers(spec) if _capability_list(container, "add") - {"NET_BIND_SERVICE"}]
    problems = [f'{_names(keeping)} must set securityContext.capabilities.drop=["ALL"]'] if keeping else []
    if adding:
        problems.append(f"{_names(adding)} must not include capabilities in securityContext.capabilities.add")
    if problems:
        yield f"unrestricted capabilities ({'; '.join(problems)})"


def _volume_types(spec: Body) -> Iterator[str]:
    for volume in spec.get("volumes") or []:
        bad = [key for key in volume if key != "name" and key not in _VOLUMES]
        if bad:
            yield f'restricted volume types (volume "{volume.get("name")}" uses restricted volume type "{bad[0]}")'


def _non_root(spec: Body) -> Iterator[str]:
    default, default_user = _context(spec).get("runAsNonRoot"), _context(spec).get("runAsUser")
    containers = _containers(spec)
    bad = [container for container in containers if _context(container).get("runAsNonRoot", default) is not True]
    if bad:
        yield f"runAsNonRoot != true (pod or {_names(bad)} must set securityContext.runAsNonRoot=true)"
    root = [container for container in containers if _context(container).get("runAsUser", default_user) == 0]
    if root:
        yield f"runAsUser=0 ({_names(root)} must not set runAsUser=0)"


def _seccomp(spec: Body) -> Iterator[str]:
    default = (_context(spec).get("seccompProfile") or {}).get("type")
    bad = [
        container
        for container in _containers(spec)
        if (_context(container).get("seccompProfile") or {}).get("type", default) not in ("RuntimeDefault", "Localhost")
    ]
    if bad:
        must = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
        yield f"seccompProfile (pod or {_names(bad)} {must})"


_BASELINE: list[Callable[[Body], Iterator[str]]] = [_host_namespaces, _privileged]
_RESTRICTED: list[Callable[[Body], Iterator[str]]] = [_escalation, _capabilities, _volume_types, _non_root, _seccomp]
