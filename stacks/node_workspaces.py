"""Node's workspaces: their members, and the folder in which the packages of a member are installed."""

from collections.abc import Iterable, Mapping

from stacks.folder import Folder
from stacks.values import as_lines, as_table, as_text


def members(folder: Folder) -> Iterable[str]:
    """The members of a workspace of npm, yarn, bun, pnpm, Lerna or Rush. Nx takes every folder with a project."""
    spaces = folder.json("package.json").get("workspaces")
    yield from as_lines(as_table(spaces).get("packages")) or as_lines(spaces)
    yield from as_lines(folder.yaml("pnpm-workspace.yaml").get("packages"))
    yield from as_lines(folder.json("lerna.json").get("packages"))
    projects = folder.jsonc("rush.json").get("projects")
    for project in projects if isinstance(projects, list) else []:
        yield as_text(as_table(project).get("projectFolder"))
    if "nx.json" in folder.files:
        yield "**"


def top(folder: Folder) -> Folder:
    """The folder in which packages are installed: that of Node's workspace, or this folder."""
    above = folder.workspace
    return above if above is not None and above.has("package.json", "package.json5", "rush.json") else folder


def is_workspace_root(folder: Folder, manifest: Mapping[str, object]) -> bool:
    """Whether the folder declares members. pnpm also keeps the settings of a single package in its workspace file."""
    if "workspaces" in manifest or folder.has("lerna.json", "rush.json", "nx.json"):
        return True
    return bool(folder.yaml("pnpm-workspace.yaml").get("packages"))
