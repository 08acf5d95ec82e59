"""Pushing and finding images. An image is a folder, which is its `/`, and a configuration to run it."""

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


class BadReference(Exception):
    """The reference is malformed or does not belong to this registry."""


@dataclass
class Built:
    """An image before it is pushed. The columns of `Image` document the fields."""

    root: Path
    command: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = ""
    port: int | None = None
    stack: str = "other"
    pretended: list[str] = field(default_factory=list)

    def described(self) -> dict[str, Any]:
        """The configuration: every field except the files."""
        return {name: getattr(self, name) for name in Built.__dataclass_fields__ if name != "root"}


def host() -> str:
    """The prefix of references to images in this registry: `127.0.0.1:8801/registry`."""
    return f"{settings.BASE_URL.partition('://')[2]}/registry"


def split(reference: str) -> tuple[str, str, str]:
    """Name, tag and digest of a reference with or without the host. Raises BadReference."""
    path, _, digest = reference.removeprefix(f"{host()}/").partition("@")
    name, _, tag = path.partition(":")
    if not NAME.fullmatch(name):
        problem = "must be lowercase" if NAME.fullmatch(name.lower()) else "has an invalid format"
        raise BadReference(f'invalid tag "{reference}": repository name {problem}')
    if (tag and not TAG.fullmatch(tag)) or (digest and not re.fullmatch(r"sha256:[0-9a-f]{64}", digest)):
        raise BadReference(f'invalid tag "{reference}": invalid reference format')
    return name, tag or "latest", digest


def find(reference: str) -> Image | None:
    """The image of `name:tag` or `name@sha256:…`, with or without the host; None if it was not pushed."""
    try:
        name, tag, digest = split(reference)
    except BadReference:
        return None
    if digest:
        return Image.objects.filter(name=name, digest=digest).first()
    row = Tag.objects.filter(name=name, tag=tag).select_related("image").first()
    return row.image if row else None


@transaction.atomic
def push(built: Built, references: list[str]) -> str:
    """Store the image under these references. Returns its digest. Raises BadReference."""
    digest = digest_of(built)
    for reference in references:
        if not reference.startswith(f"{host()}/"):
            raise BadReference(f"failed to push {reference}: the sandbox pushes to {host()} only")
        name, tag, _ = split(reference)
        image, _ = Image.objects.get_or_create(name=name, digest=digest, defaults=built.described())
        if not image.root.exists():
            image.root.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(built.root, image.root, symlinks=True)
        Tag.objects.update_or_create(name=name, tag=tag, defaults={"image": image})
    return digest


def digest_of(built: Built) -> str:
    """A digest of the files and the configuration."""
    content = json.dumps([built.described(), list(_files(built.root))], sort_keys=True)
    return f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"


def _files(root: Path) -> Iterator[str]:
    for path in sorted(root.rglob("*")):
        if path.is_file():
            mode = "x" if path.stat().st_mode & 0o100 else "-"
            yield f"{path.relative_to(root).as_posix()} {mode} {hashlib.sha256(path.read_bytes()).hexdigest()}"
