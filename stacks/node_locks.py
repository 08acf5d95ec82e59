"""Node's lock files: warnings about a missing one, about several, and about one that does not match its manifest."""

import json
from collections.abc import Mapping

import patterns
from stacks import lock_files, node_workspaces
from stacks.folder import Folder
from stacks.lock_files import LockFile
from stacks.node_packages import MANAGERS, Manager
from stacks.values import as_table, as_text

_PACKAGE = r"@?[\w.~-]{1,200}(?:/[\w.~-]{1,200})?"
LOCK_FILES = {
    "pnpm-lock.yaml": LockFile(
        patterns.repeated(rf"^[ \t]{{1,40}}'?/?({_PACKAGE})(?:@|/\d|'?:)", multiline=True),
        "pnpm install --frozen-lockfile",
        "pnpm install",
    ),
    "yarn.lock": LockFile(
        patterns.repeated(rf"(?:^|[\s\"])({_PACKAGE})@", multiline=True), "yarn install", "yarn install"
    ),
    "bun.lock": LockFile(patterns.repeated(rf"\"({_PACKAGE})\":"), "bun install --frozen-lockfile", "bun install"),
}
"""The lock file of npm repeats its manifest, and is compared with it as a whole."""

_NOT_FROM_REGISTRY = ("workspace:", "file:", "link:", "portal:", "git", "http", "github:")


def warn(folder: Folder, manager: Manager, has_dependencies: bool) -> None:
    place = node_workspaces.top(folder)
    locks = [file for file in MANAGERS if file in place.files]
    if len({MANAGERS[file] for file in locks}) > 1:
        place.warn(
            f"There are lock files of several package managers in {place.title}: {' and '.join(locks)}. "
            f"Onramp uses {manager.lock_file or locks[0]}; remove those that you do not use."
        )
    if manager.lock_file == "package-lock.json" and _is_stale(place):
        place.warn(
            f"{place.path('package-lock.json')} does not match {place.path('package.json')}. npm ci will fail. "
            "Run npm install and commit the result."
        )
    required = _from_registry(folder.json("package.json"))
    lock_file = LOCK_FILES.get(manager.lock_file)
    lock_files.warn_if_stale(folder, place, manager.lock_file, lock_file, required, "package.json")
    if has_dependencies and not locks:
        folder.warn(
            f"{place.path('package.json')} has dependencies, but no lock file: two builds may differ. "
            "Commit the lock file."
        )


def _is_stale(folder: Folder) -> bool:
    """Whether npm's lock file requires other packages than the manifest: `npm ci` then fails.

    https://docs.npmjs.com/cli/configuring-npm/package-lock-json
    """
    try:
        lock = json.loads(folder.texts.get(folder.path("package-lock.json"), ""))
    except (ValueError, RecursionError):
        return False
    root = as_table(as_table(as_table(lock).get("packages")).get(""))
    manifest = folder.json("package.json")
    fields = ("dependencies", "devDependencies", "optionalDependencies")
    return bool(root) and any(as_table(root.get(name)) != as_table(manifest.get(name)) for name in fields)


def _from_registry(manifest: Mapping[str, object]) -> list[str]:
    """The packages that the manifest requires from a registry."""
    tables = [as_table(manifest.get(name)) for name in ("dependencies", "devDependencies")]
    versions = [item for table in tables for item in table.items()]
    return [name for name, version in versions if not as_text(version).startswith(_NOT_FROM_REGISTRY)]
