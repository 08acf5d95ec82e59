"""The gems that a Gemfile requires, and its lock file. https://bundler.io/man/gemfile.5.html"""

import re

from stacks import lock_files
from stacks.folder import Folder
from stacks.lock_files import LockFile

_GEM = re.compile(r"^[ \t]*gem\s*\(?\s*[\"']([\w.-]+)[\"']", re.MULTILINE)
LOCK_FILES = {"Gemfile.lock": LockFile(r"^[ \t]+([\w.-]+)(?: \(|!|$)", "bundle install", "bundle lock")}


def gems(folder: Folder, manifest: str) -> set[str]:
    return set(_GEM.findall(folder.text(manifest))) if manifest else set()


def manifests(folder: Folder, manifest: str, lock: str) -> tuple[str, ...]:
    """The files that an install needs; empty if it needs the whole folder."""
    return (manifest, lock) if lock and not _needs_whole_folder(folder, manifest) else ()


def _needs_whole_folder(folder: Folder, manifest: str) -> bool:
    """Whether the Gemfile refers to other files of the folder."""
    return bool(re.search(r"\bpath:|:path\s*=>|^[ \t]*gemspec\b|eval_gemfile", folder.text(manifest), re.MULTILINE))


def warn(folder: Folder, manifest: str, lock: str, gems: set[str]) -> None:
    if manifest and gems and not lock:
        folder.warn(
            f"{folder.path(manifest)} has gems, but no lock file: two builds may differ. "
            "Run bundle lock and commit the result."
        )
    lock_files.warn_if_stale(folder, folder, lock, LOCK_FILES.get(lock), gems, manifest)
