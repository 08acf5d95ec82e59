"""Which package manager a Node folder uses, and what it is told. https://docs.npmjs.com, https://pnpm.io, https://yarnpkg.com"""

from collections.abc import Mapping
from dataclasses import dataclass

from onboarding.stacks.components import Command
from onboarding.stacks.folder import Folder

LOCKS = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}


@dataclass(frozen=True)
class Manager:
    """`run` stands before the name of a script."""

    name: str
    lock_file: str
    install: Command
    production: Command
    run: Command


def manager(folder: Folder, named: str) -> Manager:
    """The one that `packageManager` names, else that of the lock file, else npm."""
    name = named.partition("@")[0]
    locks = [one for one in LOCKS if one in folder.files]
    if name not in LOCKS.values():
        name = LOCKS[locks[0]] if locks else "npm"
    lock = next((one for one in locks if LOCKS[one] == name), "")
    return Manager(name, lock, *_commands(name, bool(lock), named))


def _commands(name: str, locked: bool, named: str) -> tuple[Command, Command, Command]:
    """(install, production install, run)."""
    match name:
        case "pnpm":
            frozen = ("--frozen-lockfile",) if locked else ()
            return ("pnpm", "install", *frozen), ("pnpm", "install", "--prod", *frozen), ("pnpm", "run")
        case "yarn" if named.startswith(("yarn@2", "yarn@3", "yarn@4")):
            install: Command = ("yarn", "install", *(("--immutable",) if locked else ()))
            return install, install, ("yarn", "run")
        case "yarn":
            install = ("yarn", "install", *(("--frozen-lockfile",) if locked else ()))
            return install, (*install, "--production"), ("yarn", "run")
        case "bun":
            install = ("bun", "install", *(("--frozen-lockfile",) if locked else ()))
            return install, (*install, "--production"), ("bun", "run")
    return ("npm", "ci" if locked else "install"), ("npm", "ci" if locked else "install", "--omit=dev"), ("npm", "run")


def is_workspace_root(folder: Folder, manifest: Mapping[str, object]) -> bool:
    return "workspaces" in manifest or bool(folder.has("pnpm-workspace.yaml", "lerna.json", "rush.json", "nx.json"))


def warn_of_locks(folder: Folder, depends: bool) -> None:
    """Two package managers at once, or none that locks anything."""
    locks = [one for one in LOCKS if one in folder.files]
    if len({LOCKS[one] for one in locks}) > 1:
        used = manager(folder, str(folder.json("package.json").get("packageManager", ""))).lock_file or locks[0]
        folder.warn(f"{' and '.join(locks)} stand beside each other in {folder.title}; {used} is used.")
    if depends and not locks:
        folder.warn(f"{folder.path('package.json')} has dependencies and no lock file: two builds may differ.")
