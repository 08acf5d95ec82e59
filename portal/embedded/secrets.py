"""The secrets of a data folder: created once, readable only by their owner."""

import os
import secrets
from pathlib import Path


def load_or_create(file: Path) -> str:
    """The secret in this file, created at the first call (50 characters that need no quoting anywhere)."""
    if not file.exists():
        part = file.with_name(f"{file.name}.{os.getpid()}")
        write(part, secrets.token_hex(25))
        part.rename(file)
    return file.read_text().strip()


def write(file: Path, text: str, owner: int | None = None) -> None:
    """Write a file that only its owner may read."""
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
    if owner is not None:
        os.chown(file, owner, -1)
