"""Node's package managers: which one a folder uses, its commands, and the members of its workspaces.

https://docs.npmjs.com, https://pnpm.io, https://yarnpkg.com
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import patterns
from stacks import node_workspaces
from stacks.components import Command
from stacks.folder import Folder
from stacks.values import as_table, as_text

MANAGERS = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}
"""Lock file → its manager."""
SERVERS = {
    *("express", "fastify", "koa", "@hapi/hapi", "hono", "@nestjs/core", "@adonisjs/core", "restify", "socket.io"),
    *("@apollo/server", "polka", "sails", "discord.js", "telegraf", "bullmq", "@grpc/grpc-js", "ws", "kafkajs"),
    "@hono/node-server",
}
"""Packages that a folder requires because it serves something."""
_CONFIGURATION = {
    "pnpm-workspace.yaml": "pnpm",
    ".pnpmfile.cjs": "pnpm",
    ".yarnrc.yml": "yarn",
    ".yarnrc": "yarn",
    ".pnp.cjs": "yarn",
    "bunfig.toml": "bun",
    ".bun-version": "bun",
}
"""Configuration that only one manager has → this manager."""
_BUN = patterns.compile(r"bun\b")


@dataclass(frozen=True)
class Manager:
    """`run` goes before the name of a script; `production` installs for an image."""

    name: str
    lock_file: str
    install: Command
    production: Command
    run: Command


def manager(folder: Folder, manifest: Mapping[str, Any]) -> Manager:
    """The manager of `packageManager`, or else of the lock file, of other configuration, of `engines`, or else npm."""
    place = node_workspaces.top(folder)
    manifest = manifest if place is folder else place.json("package.json")
    pinned = as_text(manifest.get("packageManager"))
    name = pinned.partition("@")[0]
    locks = [file for file in MANAGERS if file in place.files]
    if name not in MANAGERS.values():
        name = MANAGERS[locks[0]] if locks else _unlocked_manager(place, manifest)
    lock = next((file for file in locks if MANAGERS[file] == name), "")
    berry = pinned.startswith(("yarn@2", "yarn@3", "yarn@4")) or ".yarnrc.yml" in place.files
    return Manager(name, lock, *_commands(name, bool(lock), berry))


def _unlocked_manager(folder: Folder, manifest: Mapping[str, Any]) -> str:
    """The manager of a folder without a lock file."""
    file = folder.has(*_CONFIGURATION)
    if file:
        return _CONFIGURATION[file]
    engines = as_table(manifest.get("engines"))
    required = next((name for name in ("bun", "pnpm", "yarn") if name in engines and "npm" not in engines), "")
    bun = _BUN.match(as_text(as_table(manifest.get("scripts")).get("start")))
    return required or ("bun" if bun else "npm")


def _commands(name: str, locked: bool, berry: bool) -> tuple[Command, Command, Command]:
    """(install, install for an image, run)."""
    frozen = ("--frozen-lockfile",) if locked else ()
    match name:
        case "pnpm":
            return ("pnpm", "install", *frozen), ("pnpm", "install", "--prod", *frozen), ("pnpm", "run")
        case "yarn" if berry:
            install: Command = ("yarn", "install", *(("--immutable",) if locked else ()))
            return install, install, ("yarn", "run")
        case "yarn" | "bun":
            return (name, "install", *frozen), (name, "install", *frozen, "--production"), (name, "run")
    install = ("npm", "ci" if locked else "install")
    return install, (*install, "--omit=dev"), ("npm", "run")
