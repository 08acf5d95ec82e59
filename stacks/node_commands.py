"""The commands that install, build and test a Node package."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import patterns
from stacks import node_workspaces
from stacks.components import Command
from stacks.folder import Folder
from stacks.node_packages import Manager
from stacks.values import as_table, as_text

_NAME = patterns.compile(r"[@\w./-]+")


@dataclass(frozen=True)
class Commands:
    """As in `Component`: `install` is for tests, `install_production` for the image."""

    install: Command
    install_production: Command
    build: Command
    test: Command


def commands(folder: Folder, manifest: Mapping[str, Any], manager: Manager, marker: str, *, deployed: bool) -> Commands:
    """`marker` is the file that identifies the package. A package that is not deployed has no build."""
    scripts = as_table(manifest.get("scripts"))
    depends, for_development = as_table(manifest.get("dependencies")), as_table(manifest.get("devDependencies"))
    member = node_workspaces.top(folder) is not folder
    starts_with_tool = bool(set(as_text(scripts.get("start")).split()) & set(for_development))
    production = manager.install if starts_with_tool else manager.production
    return Commands(
        install=manager.install if depends or for_development or member else (),
        install_production=production if depends or member else (),
        build=_build(folder, scripts, manager, marker) if deployed else (),
        test=_test(folder, as_text(scripts.get("test")), manager, deployed),
    )


def _build(folder: Folder, scripts: Mapping[str, Any], manager: Manager, marker: str) -> Command:
    """The build script; in a workspace, the members that this one depends on are built first."""
    if marker == "project.json" and folder.inside:
        return ("npx", "nx", "build", folder.root.rpartition("/")[2])
    if not scripts.get("build"):
        return ()
    return script(folder, manager, "build", with_dependencies=True)


def _test(folder: Folder, test: str, manager: Manager, deployed: bool) -> Command:
    if test and "no test specified" not in test:
        if node_workspaces.top(folder) is not folder:
            return script(folder, manager, "test")
        return ("npm", "test") if manager.run[0] == "npm" else (*manager.run, "test")
    if deployed:
        folder.warn(
            f"{folder.path('package.json')} has no test script, so its pipeline only builds. "
            "Add one to have every commit tested."
        )
    return ()


def script(folder: Folder, manager: Manager, name: str, *, with_dependencies: bool = False) -> Command:
    """The command for a script of this folder, run in the folder in which its packages are installed.

    `with_dependencies` first runs the script in the members of the workspace that this one depends on.
    """
    place = node_workspaces.top(folder)
    if place is folder:
        return (*manager.run, name)
    path = folder.root[len(place.root) + 1 :] if place.root else folder.root
    if with_dependencies and "turbo.json" in place.files:
        return ("npx", "turbo", "run", name, f"--filter=./{path}")
    match manager.name:
        case "pnpm":
            return ("pnpm", "--filter", f"./{path}{'...' if with_dependencies else ''}", "run", name)
        case "yarn" if ".yarnrc.yml" in place.files:
            return ("yarn", "workspace", _package_name(folder), "run", name)
        case "yarn":
            return ("yarn", "--cwd", path, "run", name)
        case "bun":
            return ("bun", "run", "--filter", f"./{path}", name)
    return ("npm", "run", name, f"--workspace={path}")


def _package_name(folder: Folder) -> str:
    name = as_text(folder.json("package.json").get("name"))
    return name if _NAME.fullmatch(name) else folder.root.rpartition("/")[2]
