"""A repository in a folder of this machine, read like one at a source host: symbolic links are not followed."""

import os
import subprocess
from pathlib import Path

import stacks

MAX_BYTES = 1_000_000
MAX_FILES = 200_000


class NotAFolder(Exception):
    """The path is not a folder; the message says what it is."""


def read(folder: Path) -> tuple[list[str], dict[str, str]]:
    """(paths, texts of what reading needs). Raises NotAFolder."""
    if not folder.is_dir():
        raise NotAFolder(
            f"{folder} {'is a file' if folder.exists() else 'does not exist'}; name the folder of a checkout."
        )
    paths = _tracked(folder) or _walked(folder)
    return paths, {path: text for path in stacks.wanted(paths) if (text := _text(folder / path)) is not None}


def _tracked(folder: Path) -> list[str]:
    """The files that git would list; empty where the folder is no checkout or git is not installed."""
    command = ["git", "-C", str(folder), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout  # noqa: S603 - an argument list
    except (OSError, subprocess.CalledProcessError):
        return []
    names = [os.fsdecode(name) for name in listed.split(b"\0") if name]
    return sorted(name for name in names if _regular(folder / name))


def _walked(folder: Path) -> list[str]:
    paths: list[str] = []
    for parent, folders, files in os.walk(folder):
        relative = Path(parent).relative_to(folder)
        folders[:] = sorted(name for name in folders if name not in (".git", "node_modules", ".venv"))
        paths += [str(relative / name) for name in files if _regular(Path(parent) / name)]
        if len(paths) > MAX_FILES:
            break
    return sorted(paths)


def _regular(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _text(path: Path) -> str | None:
    """None for a file that is too large or not UTF-8."""
    if path.stat().st_size > MAX_BYTES:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
