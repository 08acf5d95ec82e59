"""Applications of Nx, by their project files. https://nx.dev/docs/reference/project-configuration"""

from collections.abc import Mapping
from typing import Any

from onboarding.stacks.folder import Folder, as_table, as_text


def build(folder: Folder) -> tuple[dict[str, Any], str, str]:
    """(options of the build, its executor, the executor that serves) of an application of Nx; nothing for a library."""
    project = folder.json("project.json")
    targets = as_table(project.get("targets"))
    build = as_table(targets.get("build"))
    if project.get("projectType") != "application" or not build:
        return {}, "", ""
    serve = as_text(as_table(targets.get("serve")).get("executor"))
    return as_table(build.get("options")), as_text(build.get("executor")), serve


def output(folder: Folder, options: Mapping[str, Any]) -> str:
    """Relative to the workspace."""
    said = as_text(options.get("outputPath")).replace("{projectRoot}", folder.inside).replace("{workspaceRoot}/", "")
    return said.removeprefix("./") or f"dist/{folder.inside or folder.root}"
