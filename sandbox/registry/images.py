"""Pushing and finding images. An image is a folder that stands for its `/`, and an OCI manifest that describes it."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from sandbox.registry.models import Image, Tag

NAME = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")
TAG = re.compile(r"\w[\w.-]{0,127}")
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"


class BadReference(Exception):
    """The reference names no place in this registry, or is spelt wrongly."""


@dataclass(frozen=True)
class Built:
    """An image before it is pushed."""

    root: Path
    command: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = ""
    port: int | None = None
    stack: str = "other"
    pretended: list[str] = field(default_factory=list)


def host() -> str:
    """What references to images here begin with: `127.0.0.1:8801/registry`."""
    return f"{settings.BASE_URL.partition('://')[2]}/registry"


def split(reference: str) -> tuple[str, str, str]:
    """Name, tag and digest of a reference with or without the host. Raises BadReference."""
    place, _, digest = reference.removeprefix(f"{host()}/").partition("@")
    name, _, tag = place.partition(":")
    if not NAME.fullmatch(name):
        spelt = "must be lowercase" if NAME.fullmatch(name.lower()) else "has an invalid format"
        raise BadReference(f'invalid tag "{reference}": repository name {spelt}')
    if (tag and not TAG.fullmatch(tag)) or (digest and not re.fullmatch(r"sha256:[0-9a-f]{64}", digest)):
        raise BadReference(f'invalid tag "{reference}": invalid reference format')
    return name, tag, digest


def find(reference: str) -> Image | None:
    """The image of `name:tag` or `name@sha256:…`, with or without the host; None where nobody pushed it."""
    try:
        name, tag, digest = split(reference)
    except BadReference:
        return None
    if digest:
        return Image.objects.filter(name=name, digest=digest).first()
    found = Tag.objects.filter(name=name, tag=tag or "latest").select_related("image").first()
    return found.image if found else None


def push(built: Built, references: list[str]) -> str:
    """Store the image under these references; returns its digest. Raises BadReference."""
    manifest = _manifest(built)
    digest = f"sha256:{hashlib.sha256(manifest).hexdigest()}"
    wanted = [(reference, *split(reference)[:2]) for reference in references]
    for reference, _, _ in wanted:
        if not reference.startswith(f"{host()}/"):
            raise BadReference(f"failed to push {reference}: the sandbox pushes to {host()} only")
    with transaction.atomic():
        for _, name, tag in wanted:
            image, _ = Image.objects.get_or_create(
                name=name,
                digest=digest,
                defaults={
                    "manifest": manifest,
                    "command": built.command,
                    "environment": built.environment,
                    "workdir": built.workdir,
                    "user": built.user,
                    "port": built.port,
                    "stack": built.stack,
                    "pretended": built.pretended,
                },
            )
            if not image.root.exists():
                image.root.parent.mkdir(parents=True, exist_ok=True)
                shutil.copytree(built.root, image.root, symlinks=True)
            Tag.objects.update_or_create(name=name, tag=tag or "latest", defaults={"image": image})
    return digest


def digest_of(built: Built) -> str:
    """The digest that pushing this image gives it."""
    return f"sha256:{hashlib.sha256(_manifest(built)).hexdigest()}"


def _manifest(built: Built) -> bytes:
    settings_of = {
        "Cmd": built.command,
        "Env": [f"{name}={value}" for name, value in built.environment.items()],
        "WorkingDir": built.workdir,
        "User": built.user,
        "ExposedPorts": {f"{built.port}/tcp": {}} if built.port else {},
    }
    files = "\n".join(_files(built.root)).encode()
    config = _packed({"architecture": "amd64", "os": "linux", "config": settings_of})
    return _packed(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": _described(CONFIG_TYPE, config),
            "layers": [_described(LAYER_TYPE, files)],
            "annotations": {"sandbox.stack": built.stack, "sandbox.pretended": "; ".join(built.pretended)},
        }
    )


def _files(root: Path) -> Iterator[str]:
    for path in sorted(root.rglob("*")):
        if path.is_file():
            mode = "x" if path.stat().st_mode & 0o100 else "-"
            yield f"{path.relative_to(root).as_posix()} {mode} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def _packed(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _described(kind: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "digest": f"sha256:{hashlib.sha256(content).hexdigest()}", "size": len(content)}
