"""Node's package managers in pipelines and images."""

import shlex

from generate.files import below
from generate.pinned_actions import PinnedAction
from generate.toolchain import Step
from stacks import Command, Component

_SETUP_BUN = PinnedAction("oven-sh/setup-bun", "735343b667d3e6f658f44d0eca948eb6282f2b76", "v2.0.2")
_BUN_VERSION = "1.4.4"
_INSTALL_MANAGER = {
    "pnpm": "corepack enable",
    "yarn": "corepack enable",
    "bun": f"npm install --global bun@{_BUN_VERSION}",
}
"""Package managers that do not come with Node → the command that installs them in an image."""

_PRUNE: dict[str, Command] = {"npm": ("npm", "prune", "--omit=dev"), "pnpm": ("pnpm", "prune", "--prod")}


def manager_steps(component: Component) -> list[Step]:
    """Steps that install the package manager itself, unless it comes with Node."""
    manager = component.package_manager
    if manager == "bun":
        return [{"uses": _SETUP_BUN.reference, "with": {"bun-version": _BUN_VERSION}}]
    if manager in _INSTALL_MANAGER:
        return [{"name": f"Enable {manager}", "run": _INSTALL_MANAGER[manager]}]
    return []


def cache(component: Component) -> dict[str, str]:
    """The inputs of setup-node that keep the downloaded packages between runs."""
    if component.lock_file and component.install and component.package_manager in ("npm", "pnpm", "yarn"):
        lock_file = below(component.folder, component.lock_file)
        return {"cache": component.package_manager, "cache-dependency-path": lock_file}
    return {}


def manager_lines(component: Component) -> list[str]:
    """Lines of a Dockerfile that install the package manager itself, unless it comes with Node."""
    install = _INSTALL_MANAGER.get(component.package_manager)
    return [f"RUN {install}"] if install else []


def install_lines(component: Component, install: Command) -> list[str]:
    """Lines of a Dockerfile that copy the sources and install the packages, the manifests first where they suffice."""
    clean = " && yarn cache clean" if install[:1] == ("yarn",) else ""
    run = [f"RUN {shlex.join(install)}{clean}"] if install else []
    if component.manifests and run:
        return [f"COPY {' '.join(component.manifests)} ./", *run, "COPY . ."]
    return ["COPY . .", *run]


def prune_lines(component: Component) -> list[str]:
    """Removes the packages that only the build needs. A workspace has no command for that."""
    prune = _PRUNE.get(component.package_manager)
    needed = component.install_production not in ((), component.install) and component.workspace is None
    return [f"RUN {shlex.join(prune)}"] if prune and needed else []
