"""Which folders a workspace names as its members: what is installed, built and locked together.

https://docs.npmjs.com/cli/using-npm/workspaces, https://pnpm.io/workspaces, https://doc.rust-lang.org/cargo/reference/workspaces.html,
https://go.dev/ref/mod#workspaces, https://docs.astral.sh/uv/concepts/projects/workspaces/
"""

import re
from collections.abc import Callable, Iterable, Mapping

from onboarding.stacks import dotnet, elixir, golang, gradle, java, maven, node, python, rust
from onboarding.stacks.folder import Folder, as_lines, as_table, as_text

_MAX_PATTERNS = 200


def above(folders: Mapping[str, Folder]) -> dict[str, dict[str, str]]:
    """Member → family → the folder of its workspace, all among `folders`; of nested ones the nearest."""
    found: dict[str, dict[str, str]] = {}
    for root, folder in sorted(folders.items(), key=lambda one: len(one[0])):
        for family, members in _MEMBERS.items():
            patterns = [_pattern(one) for one in list(members(folder))[:_MAX_PATTERNS]]
            for member in folders if patterns else ():
                inside = _inside(member, root)
                if inside and any(one.fullmatch(inside) for one in patterns):
                    found.setdefault(member, {})[family] = root
    return found


def _inside(member: str, root: str) -> str:
    if not root:
        return member
    return member[len(root) + 1 :] if member.startswith(f"{root}/") else ""


def _node(folder: Folder) -> Iterable[str]:
    spaces = folder.json("package.json").get("workspaces")
    yield from as_lines(as_table(spaces).get("packages")) or as_lines(spaces)
    yield from as_lines(folder.yaml("pnpm-workspace.yaml").get("packages"))
    yield from as_lines(folder.json("lerna.json").get("packages"))
    projects = folder.jsonc("rush.json").get("projects")
    yield from (as_text(as_table(one).get("projectFolder")) for one in (projects if isinstance(projects, list) else []))
    if "nx.json" in folder.files:
        yield "**"


def _cargo(folder: Folder) -> list[str]:
    return as_lines(as_table(folder.toml("Cargo.toml").get("workspace")).get("members"))


def _go(folder: Folder) -> list[str]:
    text = folder.text("go.work")
    block = re.search(r"^use\s*\(([^)]*)\)", text, re.MULTILINE)
    lines = block[1].split() if block else re.findall(r"^use\s+(\S+)", text, re.MULTILINE)
    return [one.removeprefix("./") for one in lines]


def _uv(folder: Folder) -> list[str]:
    tools = as_table(folder.toml("pyproject.toml").get("tool"))
    return as_lines(as_table(as_table(tools.get("uv")).get("workspace")).get("members"))


def _jvm(folder: Folder) -> list[str]:
    built = maven.build(folder) or gradle.build(folder)
    return list(built.modules) if built else []


def _dotnet(folder: Folder) -> list[str]:
    found = []
    for name in folder.ending(".sln", ".slnx"):
        projects = re.findall(r"[\"']([^\"'\n]{1,200}\.(?:cs|fs|vb)proj)[\"']", folder.text(name))
        found += [one.replace("\\", "/").rpartition("/")[0] for one in projects]
    return [one for one in found if one]


def _mix(folder: Folder) -> list[str]:
    apps = re.search(r"\bapps_path:\s*\"([\w./-]+)\"", folder.text("mix.exs"))
    return [f"{apps[1].strip('./')}/*"] if apps else []


_MEMBERS: dict[str, Callable[[Folder], Iterable[str]]] = {
    node.FAMILY: _node,
    rust.FAMILY: _cargo,
    golang.FAMILY: _go,
    python.FAMILY: _uv,
    java.FAMILY: _jvm,
    dotnet.FAMILY: _dotnet,
    elixir.FAMILY: _mix,
}
"""What a folder's manifest names, as paths and patterns relative to it."""


def _pattern(glob: str) -> re.Pattern[str]:
    """`*` is within one folder's name, `**` is any depth. https://github.com/isaacs/minimatch#features, as far as it is used"""
    parts = glob.removeprefix("./").rstrip("/").split("/")[:12]
    pieces = ["(?:[^/]+/)*[^/]+" if part == "**" else "[^/]*".join(map(re.escape, part.split("*"))) for part in parts]
    return re.compile("/".join(pieces))
