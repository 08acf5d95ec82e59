"""Pulling: the image of a reference, if it was pushed and the pod's pull secrets open the registry."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes import store
from sandbox.kubernetes.kinds import named
from sandbox.registry import images
from sandbox.registry.models import Image
from sandbox.world import cast

Body = dict[str, Any]


@dataclass
class NotPulled(Exception):
    """Why an image could not be pulled, in a container runtime's words."""

    message: str


def pull(pod: Body, reference: str) -> Image:
    """Raises NotPulled."""
    image = images.find(reference)
    if not _opened(pod, reference):
        host = reference.partition("/")[0]
        raise NotPulled(
            f'failed to pull and unpack image "{reference}": failed to resolve reference "{reference}": '
            f"failed to authorize: no pull secret of the pod opens {host}: 401 Unauthorized"
        )
    if image is None:
        raise NotPulled(
            f'rpc error: code = NotFound desc = failed to pull and unpack image "{reference}": '
            f'failed to resolve reference "{reference}": {reference}: not found'
        )
    return image


def _opened(pod: Body, reference: str) -> bool:
    """Whether one of the pod's pull secrets holds credentials for the registry of this reference."""
    namespace = pod["metadata"]["namespace"]
    for one in pod["spec"].get("imagePullSecrets") or []:
        secret = store.find(named("Secret"), namespace, one["name"])
        if secret and any(_covers(key, reference) and _is_somebodys(entry) for key, entry in _auths(secret).items()):
            return True
    return False


def _auths(secret: Body) -> dict[str, Body]:
    try:
        config = json.loads(base64.b64decode((secret.get("data") or {}).get(".dockerconfigjson", "")))
    except ValueError:
        return {}
    auths = config.get("auths") if isinstance(config, dict) else None
    return auths if isinstance(auths, dict) else {}


def _covers(key: str, reference: str) -> bool:
    """A key is a host, or a host and a path, with or without a scheme (docs: pull image from a private registry)."""
    place = key.removeprefix("https://").removeprefix("http://").rstrip("/")
    return reference == place or reference.startswith(f"{place}/")


def _is_somebodys(entry: Body) -> bool:
    password = entry.get("password", "")
    if not password and entry.get("auth"):
        password = base64.b64decode(entry["auth"]).decode(errors="replace").partition(":")[2]
    return cast.by_token(password) is not None
