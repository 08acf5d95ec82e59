"""What a container's process sees: its environment, its files, its command.

The environment is the image's with the manifest's over it, and besides only what every container has (HOSTNAME,
PATH). The files are the pod's own copy of the image's; a path of the image in the command or environment becomes the
path of the copy, since a laptop's process has no root of its own.
"""

import base64
import re
import shutil
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
    """The manifest's own variables, whole or single ones of a Secret or ConfigMap among them. Raises Incomplete."""
    found: dict[str, str] = {}
    for source in container.get("envFrom") or []:
        found |= _held(pod, source)[1]
    for one in container.get("env") or []:
        value = _referred(pod, one["valueFrom"]) if one.get("valueFrom") else one.get("value") or ""
        found[one["name"]] = re.sub(r"\$\(([\w.-]+)\)", lambda name: found.get(name[1], name[0]), value)
    return found


def _held(pod: Body, source: Body) -> tuple[str, dict[str, str]]:
    """What a `…Ref` names, for people, and the values that it holds."""
    for word, kind in (("secret", "Secret"), ("configMap", "ConfigMap")):
        ref = source.get(f"{word}Ref") or source.get(f"{word}KeyRef")
        if ref:
            namespace, name = pod["metadata"]["namespace"], ref["name"]
            body = store.find(named(kind), namespace, name)
            if body is None and ref.get("optional"):
                return f"{kind} {namespace}/{name}", {}
            if body is None:
                raise Incomplete(f'{kind.lower()} "{name}" not found')
            data: dict[str, str] = body.get("data") or {}
            if kind == "Secret":
                data = {key: base64.b64decode(value).decode(errors="replace") for key, value in data.items()}
            return f"{kind} {namespace}/{name}", data
    raise Incomplete(f"the sandbox knows variables from Secrets and ConfigMaps only, not {', '.join(source)}")


def _referred(pod: Body, source: Body) -> str:
    what, held = _held(pod, source)
    key = next(iter(source.values()))["key"]
    if key not in held:
        raise Incomplete(f"couldn't find key {key} in {what}")
    return held[key]


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
