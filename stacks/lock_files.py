"""Whether a lock file contains the packages that its manifest requires: a frozen install fails if it does not."""

from collections.abc import Iterable
from dataclasses import dataclass

import patterns
from patterns import RepeatedPattern
from stacks.folder import Folder

TOML_PACKAGE = patterns.repeated(r'^name = "([^"\n]{1,200})"', multiline=True)
"""How the lock files of uv, Poetry, PDM and Cargo name a package."""

_MAX_SHOWN = 4
_SEPARATORS = patterns.repeated(r"[-_.]{1,1000}")


@dataclass(frozen=True)
class LockFile:
    """The format of a lock file: a pattern for package names, the command that fails if one is missing, and the fix."""

    package: RepeatedPattern
    refused_by: str
    fixed_by: str


def warn_if_stale(
    folder: Folder, lock_folder: Folder, name: str, lock_file: LockFile | None, required: Iterable[str], manifest: str
) -> None:
    """Warn about packages that `manifest` of `folder` requires and the lock file `name` of `lock_folder` lacks.

    No warning where the lock file was not fetched, has no known format, or contains nothing that its pattern matches.
    """
    text = lock_folder.texts.get(lock_folder.path(name), "")
    if lock_file is None or not text:
        return
    locked = {_normalised(package) for package in lock_file.package.findall(text)}
    missing = sorted({package for package in required if _normalised(package) not in locked}) if locked else []
    if missing:
        lock_folder.warn(
            f"{lock_folder.path(name)} is out of date: it lacks {_listed(missing)}, required by "
            f"{folder.path(manifest)}. {lock_file.refused_by} will fail. "
            f"Run {lock_file.fixed_by} and commit the result."
        )


def _listed(packages: list[str]) -> str:
    more = len(packages) - _MAX_SHOWN
    return ", ".join(package[:80] for package in packages[:_MAX_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _normalised(name: str) -> str:
    """Python's normal form of a name, which is harmless elsewhere: no other language has names that differ only by it.

    https://packaging.python.org/en/latest/specifications/name-normalization/
    """
    return _SEPARATORS.sub("-", name).lower()
