"""Secrets of one data folder: made once, readable by their owner alone."""

import os
import secrets
from pathlib import Path


def kept(file: Path) -> str:
    """The secret in this file, made at the first call (50 characters that need no quoting anywhere)."""
    if not file.exists():
        part = file.with_name(f"{file.name}.{os.getpid()}")
        write(part, secrets.token_hex(25))
        part.rename(file)
    return file.read_text().strip()


def write(file: Path, text: str, owner: int | None = None) -> None:
    """Write what only the owner may read."""
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
    if owner is not None:
        os.chown(file, owner, -1)
