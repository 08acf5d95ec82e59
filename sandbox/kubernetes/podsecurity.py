"""Pod Security admission, levels `baseline` and `restricted`, by the labels of the namespace.

Source: the Pod Security Standards and `k8s.io/pod-security-admission/policy`, whose sentences these are.
"""

from collections.abc import Callable, Iterator
from typing import Any

Body = dict[str, Any]
ENFORCE = "pod-security.kubernetes.io/enforce"
VERSION = "pod-security.kubernetes.io/enforce-version"
_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def violation(namespace: Body, spec: Body) -> str | None:
    """What of a pod's spec violates the namespace's level, in the words of the refusal, or None."""
    labels = namespace["metadata"].get("labels") or {}
    level = labels.get(ENFORCE, "privileged")
    checks = {"restricted": [*_BASELINE, *_RESTRICTED], "baseline": _BASELINE}.get(level, [])
    said = [sentence for check in checks for sentence in check(spec)]
    return f'violates PodSecurity "{level}:{labels.get(VERSION, "latest")}": {", ".join(said)}' if said else None


def _containers(spec: Body) -> list[Body]:
    return [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]


def _names(bad: list[Body]) -> str:
    quoted = ", ".join(f'"{one.get("name")}"' for one in bad)
    return f"container{'s' if len(bad) > 1 else ''} {quoted}"


def _security(one: Body) -> Body:
    return one.get("securityContext") or {}


def _host_namespaces(spec: Body) -> Iterator[str]:
    used = [f"{name}=true" for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name)]
    if used:
        yield f"host namespaces ({', '.join(used)})"


def _privileged(spec: Body) -> Iterator[str]:
    bad = [one for one in _containers(spec) if _security(one).get("privileged")]
    if bad:
        yield f"privileged ({_names(bad)} must not set securityContext.privileged=true)"


def _escalation(spec: Body) -> Iterator[str]:
    bad = [one for one in _containers(spec) if _security(one).get("allowPrivilegeEscalation") is not False]
    if bad:
        must = "must set securityContext.allowPrivilegeEscalation=false"
        yield f"allowPrivilegeEscalation != false ({_names(bad)} {must})"


def _capability(one: Body, change: str) -> set[str]:
    return set((_security(one).get("capabilities") or {}).get(change) or [])


def _capabilities(spec: Body) -> Iterator[str]:
    keeping = [
        one for one in _containers(spec) if "ALL" not in ((_security(one).get("capabilities") or {}).get("drop") or [])
    ]
    adding = [one for one in _containers(spec) if _capability(one, "add") - {"NET_BIND_SERVICE"}]
    said = [f'{_names(keeping)} must set securityContext.capabilities.drop=["ALL"]'] if keeping else []
    said += [f"{_names(adding)} must not include capabilities in securityContext.capabilities.add"] if adding else []
    if said:
        yield f"unrestricted capabilities ({'; '.join(said)})"


def _volume_types(spec: Body) -> Iterator[str]:
    for volume in spec.get("volumes") or []:
        bad = [key for key in volume if key != "name" and key not in _VOLUMES]
        if bad:
            yield f'restricted volume types (volume "{volume.get("name")}" uses restricted volume type "{bad[0]}")'


def _non_root(spec: Body) -> Iterator[str]:
    of_pod = _security(spec).get("runAsNonRoot")
    bad = [one for one in _containers(spec) if _security(one).get("runAsNonRoot", of_pod) is not True]
    if bad:
        yield f"runAsNonRoot != true (pod or {_names(bad)} must set securityContext.runAsNonRoot=true)"
    root = [one for one in _containers(spec) if _security(one).get("runAsUser", _security(spec).get("runAsUser")) == 0]
    if root:
        yield f"runAsUser=0 ({_names(root)} must not set runAsUser=0)"


def _seccomp(spec: Body) -> Iterator[str]:
    of_pod = (_security(spec).get("seccompProfile") or {}).get("type")
    bad = [
        one
        for one in _containers(spec)
        if (_security(one).get("seccompProfile") or {}).get("type", of_pod) not in ("RuntimeDefault", "Localhost")
    ]
    if bad:
        must = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
        yield f"seccompProfile (pod or {_names(bad)} {must})"


_BASELINE: list[Callable[[Body], Iterator[str]]] = [_host_namespaces, _privileged]
_RESTRICTED: list[Callable[[Body], Iterator[str]]] = [_escalation, _capabilities, _volume_types, _non_root, _seccomp]
