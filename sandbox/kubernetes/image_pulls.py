"""Pulling an image: it must have been pushed, and a pull secret of the pod must give access to the registry."""

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
class PullError(Exception):
    """The image could not be pulled. The message is in a container runtime's words."""

    message: str


def pull(pod: Body, reference: str) -> Image:
    """The image of a reference. Raises PullError."""
    image = images.find(reference)
    if not _is_authorized(pod, reference):
        host = reference.partition("/")[0]
        raise PullError(
            f'failed to pull and unpack image "{reference}": failed to resolve reference "{reference}": '
            f"failed to authorize: no pull secret of the pod opens {host}: 401 Unauthorized"
        )
    if image is None:
        raise PullError(
            f'rpc error: code = NotFound desc = failed to pull and unpack image "{reference}": '
            f'failed to resolve reference "{reference}": {reference}: not found'
        )
    return image


def _is_authorized(pod: Body, reference: str) -> bool:
    """Whether a pull secret of the pod has valid credentials for the registry of this reference."""
    namespace = pod["metadata"]["namespace"]
    for pull_secret in pod["spec"].get("imagePullSecrets") or []:
        secret = store.find(named("Secret"), namespace, pull_secret["name"])
        if secret and any(_covers(key, reference) and _is_valid(entry) for key, entry in _auths(secret).items()):
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
    prefix = key.removeprefix("https://").removeprefix("http://").rstrip("/")
    return reference == prefix or reference.startswith(f"{prefix}/")


def _is_valid(entry: Body) -> bool:
    password = entry.get("password", "")
    if not password and entry.get("auth"):
        password = base64.b64decode(entry["auth"]).decode(errors="replace").partition(":")[2]
    return cast.by_token(password) is not None
