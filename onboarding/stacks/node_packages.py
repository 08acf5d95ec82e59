"""Which package manager a Node folder uses, and what it is told. https://docs.npmjs.com, https://pnpm.io, https://yarnpkg.com"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onboarding.stacks import locked
from onboarding.stacks.components import Command
from onboarding.stacks.folder import Folder, as_table, as_text

LOCKS = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}
SERVERS = {
    *("express", "fastify", "koa", "@hapi/hapi", "hono", "@nestjs/core", "@adonisjs/core", "restify", "@apollo/server", "socket.io"),
    *("polka", "sails", "discord.js", "telegraf", "bullmq", "@grpc/grpc-js", "ws", "kafkajs", "@hono/node-server"),
}  # fmt: skip
"""Packages that a folder depends on because it serves something itself."""
_SIGNS = {
    "pnpm-workspace.yaml": "pnpm",
    ".pnpmfile.cjs": "pnpm",
    ".yarnrc.yml": "yarn",
    ".yarnrc": "yarn",
    ".pnp.cjs": "yarn",
    "bunfig.toml": "bun",
    ".bun-version": "bun",
}
"""Configuration that only one manager has."""


@dataclass(frozen=True)
class Manager:
    """`run` stands before the name of a script."""

    name: str
    lock_file: str
    install: Command
    production: Command
    run: Command


def top(folder: Folder) -> Folder:
    """The folder where packages are installed: the workspace's, where that is one of Node's."""
    above = folder.workspace
    return above if above is not None and above.has("package.json", "package.json5", "rush.json") else folder


def manager(folder: Folder, manifest: Mapping[str, Any]) -> Manager:
    """The one that `packageManager` names, else that of the lock file, of its configuration, of `engines`, else npm."""
    place = top(folder)
    held = manifest if place is folder else place.json("package.json")
    named = as_text(held.get("packageManager"))
    name = named.partition("@")[0]
    locks = [one for one in LOCKS if one in place.files]
    if name not in LOCKS.values():
        name = LOCKS[locks[0]] if locks else _by_signs(place, held)
    lock = next((one for one in locks if LOCKS[one] == name), "")
    berry = named.startswith(("yarn@2", "yarn@3", "yarn@4")) or ".yarnrc.yml" in place.files
    return Manager(name, lock, *_commands(name, bool(lock), berry))


def _by_signs(folder: Folder, manifest: Mapping[str, Any]) -> str:
    sign = folder.has(*_SIGNS)
    if sign:
        return _SIGNS[sign]
    engines = as_table(manifest.get("engines"))
    asked = next((one for one in ("bun", "pnpm", "yarn") if one in engines and "npm" not in engines), "")
    started = re.match(r"bun\b", as_text(as_table(manifest.get("scripts")).get("start")))
    return asked or ("bun" if started else "npm")


def _commands(name: str, locked: bool, berry: bool) -> tuple[Command, Command, Command]:
    """(install, production install, run)."""
    match name:
        case "pnpm":
            frozen = ("--frozen-lockfile",) if locked else ()
            return ("pnpm", "install", *frozen), ("pnpm", "install", "--prod", *frozen), ("pnpm", "run")
        case "yarn" if berry:
            install: Command = ("yarn", "install", *(("--immutable",) if locked else ()))
            return install, install, ("yarn", "run")
        case "yarn":
            install = ("yarn", "install", *(("--frozen-lockfile",) if locked else ()))
            return install, (*install, "--production"), ("yarn", "run")
        case "bun":
            install = ("bun", "install", *(("--frozen-lockfile",) if locked else ()))
            return install, (*install, "--production"), ("bun", "run")
    return ("npm", "ci" if locked else "install"), ("npm", "ci" if locked else "install", "--omit=dev"), ("npm", "run")


def script(folder: Folder, used: Manager, name: str, *, with_others: bool = False) -> Command:
    """How a script of this folder is run where its packages are installed; `with_others` runs it in what it builds on first."""
    place = top(folder)
    if place is folder:
        return (*used.run, name)
    inside = folder.root[len(place.root) + 1 :] if place.root else folder.root
    if with_others and "turbo.json" in place.files:
        return ("npx", "turbo", "run", name, f"--filter=./{inside}")
    match used.name:
        case "pnpm":
            return ("pnpm", "--filter", f"./{inside}{'...' if with_others else ''}", "run", name)
        case "yarn":
            return (
                ("yarn", "--cwd", inside, "run", name)
                if ".yarnrc.yml" not in place.files
                else ("yarn", "workspace", _name(folder), "run", name)
            )
        case "bun":
            return ("bun", "run", "--filter", f"./{inside}", name)
    return ("npm", "run", name, f"--workspace={inside}")


def _name(folder: Folder) -> str:
    said = as_text(folder.json("package.json").get("name"))
    return said if re.fullmatch(r"[@\w./-]+", said) else folder.root.rpartition("/")[2]


def is_workspace_root(folder: Folder, manifest: Mapping[str, object]) -> bool:
    """Whether others are installed with it; pnpm keeps settings of a single package in that file, too."""
    if "workspaces" in manifest or folder.has("lerna.json", "rush.json", "nx.json"):
        return True
    return bool(folder.yaml("pnpm-workspace.yaml").get("packages"))


def _stale(folder: Folder) -> bool:
    """Whether npm's lock file asks for other packages than the manifest: `npm ci` refuses that.

    https://docs.npmjs.com/cli/configuring-npm/package-lock-json
    """
    try:
        locked = json.loads(folder.texts.get(folder.path("package-lock.json"), ""))
    except (ValueError, RecursionError):
        return False
    own = as_table(as_table(as_table(locked).get("packages")).get(""))
    manifest = folder.json("package.json")
    fields = ("dependencies", "devDependencies", "optionalDependencies")
    return bool(own) and any(as_table(own.get(one)) != as_table(manifest.get(one)) for one in fields)


_ELSEWHERE = ("workspace:", "file:", "link:", "portal:", "git", "http", "github:")


def _from_registry(manifest: Mapping[str, object]) -> list[str]:
    """The packages that the manifest asks a registry for."""
    tables = (as_table(manifest.get(one)) for one in ("dependencies", "devDependencies"))
    return [name for table in tables for name, said in table.items() if not as_text(said).startswith(_ELSEWHERE)]


def warn_of_locks(folder: Folder, used: Manager, depends: bool) -> None:
    """Two package managers at once, or none that locks anything, or a lock file of another day."""
    place = top(folder)
    locks = [one for one in LOCKS if one in place.files]
    if len({LOCKS[one] for one in locks}) > 1:
        place.warn(
            f"{' and '.join(locks)} stand beside each other in {place.title}; {used.lock_file or locks[0]} is used."
        )
    if used.lock_file == "package-lock.json" and _stale(place):
        place.warn(
            f"{place.path('package-lock.json')} does not fit {place.path('package.json')} any more, and npm ci will refuse it: "
            "run npm install and commit what it changes."
        )
    locked.warn(folder, place, used.lock_file, _from_registry(folder.json("package.json")), "package.json")
    if depends and not locks:
        folder.warn(f"{place.path('package.json')} has dependencies and no lock file: two builds may differ.")
