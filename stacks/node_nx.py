"""Applications of Nx, from their project files. https://nx.dev/docs/reference/project-configuration"""

from dataclasses import dataclass, field
from typing import Any

from stacks.folder import Folder
from stacks.values import as_table, as_text


@dataclass(frozen=True)
class NxBuild:
    """The build target of an application: its executor and options, and the executor of the serve target."""

    executor: str
    server: str
    options: dict[str, Any] = field(default_factory=dict)


def is_project(folder: Folder) -> bool:
    """Whether project.json is a file of Nx: other tools use this name, too."""
    targets = as_table(folder.json("project.json").get("targets"))
    return bool(targets) or "nx" in folder.text("project.json")


def build(folder: Folder) -> NxBuild | None:
    """None for a library, and for an application without an executor."""
    project = folder.json("project.json")
    targets = as_table(project.get("targets"))
    target = as_table(targets.get("build"))
    executor = as_text(target.get("executor"))
    if project.get("projectType") != "application" or not executor:
        return None
    server = as_text(as_table(targets.get("serve")).get("executor"))
    return NxBuild(executor, server, as_table(target.get("options")))


def output(folder: Folder, build: NxBuild) -> str:
    """The folder that the build leaves, relative to the workspace."""
    path = as_text(build.options.get("outputPath")).replace("{projectRoot}", folder.inside)
    path = path.replace("{workspaceRoot}/", "").removeprefix("./")
    return path or f"dist/{folder.inside or folder.root}"
