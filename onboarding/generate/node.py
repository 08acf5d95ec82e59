"""Node in a pipeline and in an image. https://hub.docker.com/_/node, https://github.com/actions/setup-node"""

import shlex
from typing import Any

from onboarding.generate import site
from onboarding.generate.actions import BUN, pinned
from onboarding.generate.files import below
from onboarding.generate.images import base
from onboarding.generate.text import noted
from onboarding.stacks import Command, Component
from onboarding.stacks.components import Role
from onboarding.stacks.node import RUNTIME

MEMORY = ("64Mi", "128Mi")
_ENVIRONMENT = "ENV HOME=/tmp NODE_ENV=production npm_config_update_notifier=false"
_TOOLS = {"pnpm": "corepack enable", "yarn": "corepack enable", "bun": f"npm install --global bun@{BUN}"}
"""How an image gets the package managers that Node does not bring along."""
_PRUNE: dict[str, Command] = {"npm": ("npm", "prune", "--omit=dev"), "pnpm": ("pnpm", "prune", "--prod")}


def refuses(one: Component) -> str:
    return ""


def steps(one: Component) -> list[dict[str, Any]]:
    """Node, package manager, packages, and the build where there is one."""
    found: list[dict[str, Any]] = []
    if one.package_manager == "bun":
        found.append({"uses": noted(*pinned("oven-sh/setup-bun")), "with": {"bun-version": BUN}})
    elif one.package_manager in _TOOLS:
        found.append({"name": f"Bring {one.package_manager}", "run": _TOOLS[one.package_manager]})
    found.append({"uses": noted(*pinned("actions/setup-node")), "with": _version(one) | _cache(one)})
    if one.install:
        found.append({"name": "Install packages", "run": shlex.join(one.install)})
    if one.build:
        found.append({"name": "Build", "run": shlex.join(one.build)})
    return found


def image(one: Component) -> list[str]:
    """Two stages where there is something to build, so that the tools for it stay out of the image."""
    name = base("node", one.version or RUNTIME.default)
    if not one.build and one.workspace is None:
        return [
            f"FROM {name}",
            "WORKDIR /app",
            _ENVIRONMENT,
            *_tool(one, run=False),
            *_installed(one, one.install_production),
        ]
    pruned = (
        _PRUNE.get(one.package_manager) if one.install_production != one.install and one.workspace is None else None
    )
    built = [
        f"FROM {name} AS build",
        "WORKDIR /app",
        *_tool(one, run=False),
        *_installed(one, one.install),
        *([f"RUN {shlex.join(one.build)}"] if one.build else []),
    ]
    if one.role == Role.SITE:
        place = (
            f"/app{one.output}"
            if one.output.startswith("/")
            else "/".join(filter(None, ("/app", one.inside, one.output)))
        )
        return site.served(built, one, place)
    return [
        *built,
        *([f"RUN {shlex.join(pruned)}"] if pruned and one.install_production else []),
        "",
        f"FROM {name}",
        "WORKDIR /app" + (f"/{one.inside}" if one.inside else ""),
        _ENVIRONMENT,
        *_tool(one, run=True),
        "COPY --from=build /app /app" if one.inside else "COPY --from=build /app ./",
    ]


def command(one: Component) -> Command:
    """npm runs the scripts of pnpm's and yarn's packages too, and is there without a download."""
    if one.role == Role.SITE:
        return site.command(one)
    if one.start[:2] in (("pnpm", "run"), ("yarn", "run")):
        return ("npm", "run", *one.start[2:])
    return one.start


def _version(one: Component) -> dict[str, str]:
    if one.version_file:
        return {"node-version-file": below(one.root, one.version_file)}
    return {"node-version": one.version or noted(RUNTIME.default, "the repository names no version")}


def _cache(one: Component) -> dict[str, str]:
    if one.lock_file and one.install and one.package_manager in ("npm", "pnpm", "yarn"):
        return {"cache": one.package_manager, "cache-dependency-path": below(one.folder, one.lock_file)}
    return {}


def _installed(one: Component, install: Command) -> list[str]:
    clean = " && yarn cache clean" if install[:1] == ("yarn",) else ""
    run = [f"RUN {shlex.join(install)}{clean}"] if install else []
    if one.manifests and run:
        return [f"COPY {' '.join(one.manifests)} ./", *run, "COPY . ."]
    return ["COPY . .", *run]


def _tool(one: Component, *, run: bool) -> list[str]:
    """What installs, or (with `run`) what the start command itself needs."""
    tool = _TOOLS.get(one.package_manager)
    needed = command(one)[0] == one.package_manager if run else bool(tool)
    return [f"RUN {tool}"] if tool and needed else []
