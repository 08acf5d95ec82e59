"""The gems that a Gemfile requires, and its lock file. https://bundler.io/man/gemfile.5.html"""

import patterns
from stacks import lock_files
from stacks.folder import Folder
from stacks.lock_files import LockFile

_GEM = patterns.repeated(r"^[ \t]{0,40}gem\s{0,40}\(?\s{0,40}[\"']([\w.-]{1,100})[\"']", multiline=True)
_REFERENCE = patterns.compile(r"\bpath:|:path\s*=>|^[ \t]*gemspec\b|eval_gemfile", multiline=True)
LOCK_FILES = {
    "Gemfile.lock": LockFile(
        patterns.repeated(r"^[ \t]{1,40}([\w.-]{1,100})(?: \(|!|$)", multiline=True), "bundle install", "bundle lock"
    )
}


def gems(folder: Folder, manifest: str) -> set[str]:
    return set(_GEM.findall(folder.text(manifest))) if manifest else set()


def manifests(folder: Folder, manifest: str, lock: str) -> tuple[str, ...]:
    """The files that an install needs; empty if it needs the whole folder."""
    return (manifest, lock) if lock and not _needs_whole_folder(folder, manifest) else ()


def _needs_whole_folder(folder: Folder, manifest: str) -> bool:
    """Whether the Gemfile refers to other files of the folder."""
    return _REFERENCE.search(folder.text(manifest)) is not None


def warn(folder: Folder, manifest: str, lock: str, gems: set[str]) -> None:
    if manifest and gems and not lock:
        folder.warn(
            f"{folder.path(manifest)} has gems, but no lock file: two builds may differ. "
            "Run bundle lock and commit the result."
        )
    lock_files.warn_if_stale(folder, folder, lock, LOCK_FILES.get(lock), gems, manifest)
