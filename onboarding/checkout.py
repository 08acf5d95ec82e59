"""A repository's files in a folder of this machine, read as those of a source host: no link is followed."""

import os
import subprocess
from pathlib import Path

from onboarding import stacks

MAX_BYTES = 1_000_000
MAX_FILES = 200_000


class NotAFolder(Exception):
    """What was named is no folder; the message says what it is."""


def read(folder: Path) -> tuple[list[str], dict[str, str]]:
    """(paths, texts of what reading needs). Raises NotAFolder."""
    if not folder.is_dir():
        raise NotAFolder(f"{folder} is {'a file' if folder.exists() else 'not there'}; name the folder of a checkout.")
    paths = _tracked(folder) or _walked(folder)
    return paths, {path: text for path in stacks.wanted(paths) if (text := _text(folder / path)) is not None}


def _tracked(folder: Path) -> list[str]:
    """What git would show of the folder; nothing where it is no checkout or git is not there."""
    command = ["git", "-C", str(folder), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603 - an argument list
    except (OSError, subprocess.CalledProcessError):
        return []
    names = [os.fsdecode(one) for one in listed.split(b"\0") if one]
    return sorted(name for name in names if _regular(folder / name))


def _walked(folder: Path) -> list[str]:
    found: list[str] = []
    for place, folders, files in os.walk(folder):
        relative = Path(place).relative_to(folder)
        folders[:] = sorted(one for one in folders if one not in (".git", "node_modules", ".venv"))
        found += [str(relative / one) for one in files if _regular(Path(place) / one)]
        if len(found) > MAX_FILES:
            break
    return sorted(found)


def _regular(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _text(path: Path) -> str | None:
    """None for what is too large or no UTF-8."""
    if path.stat().st_size > MAX_BYTES:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
