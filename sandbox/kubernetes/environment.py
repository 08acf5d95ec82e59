"""What a container's process sees: its environment, its files, its command.

The environment is the image's with the manifest's over it, and besides only what every container has (HOSTNAME,
PATH). The files are the pod's own copy of the image's; a path of the image in the command or environment becomes the
path of the copy, since a laptop's process has no root of its own.
"""

import base64
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from sandbox.kubernetes import store
from sandbox.kubernetes.kinds import named
from sandbox.registry.models import Image
from sandbox.world import machine

Body = dict[str, Any]


@dataclass
class Incomplete(Exception):
    """What the configuration of a container names and nobody has made, in a kubelet's words."""

    message: str


def variables(pod: Body, container: Body) -> dict[str, str]:
    """The manifest's own variables. Raises Incomplete."""
    found: dict[str, str] = {}
    for source in container.get("envFrom") or []:
        found |= dict(_whole(pod, source))
    for one in container.get("env") or []:
        value = one.get("value") or ""
        if one.get("valueFrom"):
            resolved = _reference(pod, one["valueFrom"])
            if resolved is None:
                continue
            value = resolved
        found[one["name"]] = re.sub(r"\$\(([\w.-]+)\)", lambda name: found.get(name[1], name[0]), value)
    return found


def _whole(pod: Body, source: Body) -> Iterator[tuple[str, str]]:
    kind = "Secret" if "secretRef" in source else "ConfigMap"
    held = _held(pod, kind, source.get("secretRef") or source["configMapRef"])
    yield from ((source.get("prefix", "") + key, value) for key, value in (held or {}).items())


def _held(pod: Body, kind: str, ref: Body) -> dict[str, str] | None:
    """The values of a Secret or ConfigMap; None for a missing one that is optional."""
    body = store.find(named(kind), pod["metadata"]["namespace"], ref.get("name", ""))
    if body is None:
        if ref.get("optional"):
            return None
        raise Incomplete(f'{kind.lower()} "{ref.get("name", "")}" not found')
    data: dict[str, str] = body.get("data") or {}
    if kind == "ConfigMap":
        return data
    return {key: base64.b64decode(value).decode(errors="replace") for key, value in data.items()}


def _reference(pod: Body, source: Body) -> str | None:
    if "fieldRef" in source:
        return _field(pod, source["fieldRef"]["fieldPath"])
    kind = "Secret" if "secretKeyRef" in source else "ConfigMap"
    ref = source.get("secretKeyRef") or source["configMapKeyRef"]
    held = _held(pod, kind, ref)
    if held is None or ref["key"] in held or ref.get("optional"):
        return (held or {}).get(ref["key"])
    raise Incomplete(f"couldn't find key {ref['key']} in {kind} {pod['metadata']['namespace']}/{ref['name']}")


def _field(pod: Body, path: str) -> str:
    value: Any = pod
    for key in path.split("."):
        value = value.get(key, "") if isinstance(value, dict) else ""
    return str(value)


def check_user(pod: Body, container: Body, image: Image) -> None:
    """Raises Incomplete where the manifest asks for a user that is not root and the image cannot show that it is."""
    own, of_pod = container.get("securityContext") or {}, pod["spec"].get("securityContext") or {}
    if not own.get("runAsNonRoot", of_pod.get("runAsNonRoot")) or own.get("runAsUser", of_pod.get("runAsUser")):
        return
    user = image.user.partition(":")[0]
    metadata = pod["metadata"]
    where = f'(pod: "{metadata["name"]}_{metadata["namespace"]}({metadata["uid"]})", container: {container["name"]})'
    if user in ("", "0", "root"):
        raise Incomplete(f"container has runAsNonRoot and image will run as root {where}")
    if not user.isdigit():
        has = f"image has non-numeric user ({user})"
        raise Incomplete(f"container has runAsNonRoot and {has}, cannot verify user is non-root {where}")


def copy(image: Image, uid: str, container: str) -> Path:
    """The pod's own copy of the image's files, made anew for every start."""
    root = Path(settings.DATA) / "pods" / uid / f"{container}.root"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(image.root, root, symlinks=True)
    return root


def inside(root: Path, text: str) -> str:
    """The text with a path of the image's, if it is one, as the path of the copy."""
    if text.startswith("/") and text != "/" and (root / text.lstrip("/")).exists():
        return str(root / text.lstrip("/"))
    return text


def tools() -> Path:
    """A folder with the programs that stand for base images: `python` without our own packages, and `node`."""
    folder = Path(settings.DATA) / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    python, node = machine.python().resolve(), machine.node()
    programs = {"python": python, "python3": python, "node": node}
    for name, program in programs.items():
        link = folder / name
        if program is not None and not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(program)
    return folder


def path(root: Path) -> str:
    """Where programs are looked for: the image's own folders, the base images' programs, the machine's."""
    own = [
        str(root / one) for one in ("usr/local/bin", "usr/bin", "bin", "app/node_modules/.bin") if (root / one).is_dir()
    ]
    return ":".join([*own, str(tools()), "/usr/local/bin", "/usr/bin", "/bin"])
