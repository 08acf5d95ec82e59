"""The configuration of a container: its variables from Secrets and ConfigMaps, and its user."""

import base64
import re
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes import store
from sandbox.kubernetes.kinds import named
from sandbox.registry.models import Image

Body = dict[str, Any]


@dataclass
class ConfigError(Exception):
    """The container cannot be configured. The message is in a kubelet's words."""

    message: str


def variables(pod: Body, container: Body) -> dict[str, str]:
    """The variables of the manifest: plain values, and references to Secrets and ConfigMaps. Raises ConfigError."""
    result: dict[str, str] = {}
    for source in container.get("envFrom") or []:
        result |= _data(pod, source)[1]
    for entry in container.get("env") or []:
        value = _value(pod, entry["valueFrom"]) if entry.get("valueFrom") else entry.get("value") or ""
        result[entry["name"]] = re.sub(r"\$\(([\w.-]+)\)", lambda match: result.get(match[1], match[0]), value)
    return result


def _data(pod: Body, source: Body) -> tuple[str, dict[str, str]]:
    """The name of the object that a `…Ref` refers to, for messages, and its data."""
    for prefix, kind in (("secret", "Secret"), ("configMap", "ConfigMap")):
        ref = source.get(f"{prefix}Ref") or source.get(f"{prefix}KeyRef")
        if ref:
            namespace, name = pod["metadata"]["namespace"], ref["name"]
            body = store.find(named(kind), namespace, name)
            if body is None and ref.get("optional"):
                return f"{kind} {namespace}/{name}", {}
            if body is None:
                raise ConfigError(f'{kind.lower()} "{name}" not found')
            data: dict[str, str] = body.get("data") or {}
            if kind == "Secret":
                data = {key: base64.b64decode(value).decode(errors="replace") for key, value in data.items()}
            return f"{kind} {namespace}/{name}", data
    raise ConfigError(f"the sandbox supports variables from Secrets and ConfigMaps only, not {', '.join(source)}")


def _value(pod: Body, source: Body) -> str:
    reference, data = _data(pod, source)
    key = next(iter(source.values()))["key"]
    if key not in data:
        raise ConfigError(f"couldn't find key {key} in {reference}")
    return data[key]


def check_user(pod: Body, container: Body, image: Image) -> None:
    """Raises ConfigError if the manifest requires a non-root user and the image does not guarantee one."""
    context, pod_context = container.get("securityContext") or {}, pod["spec"].get("securityContext") or {}
    required = context.get("runAsNonRoot", pod_context.get("runAsNonRoot"))
    if not required or context.get("runAsUser", pod_context.get("runAsUser")):
        return
    user = image.user.partition(":")[0]
    metadata = pod["metadata"]
    subject = f'(pod: "{metadata["name"]}_{metadata["namespace"]}({metadata["uid"]})", container: {container["name"]})'
    if user in ("", "0", "root"):
        raise ConfigError(f"container has runAsNonRoot and image will run as root {subject}")
    if not user.isdigit():
        problem = f"image has non-numeric user ({user})"
        raise ConfigError(f"container has runAsNonRoot and {problem}, cannot verify user is non-root {subject}")
