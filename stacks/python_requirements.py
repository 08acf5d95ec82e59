"""The packages that Python manifests require, by their normalised names.

https://packaging.python.org/en/latest/specifications/name-normalization/
"""

from collections.abc import Iterable, Mapping

import patterns
from stacks.folder import Folder
from stacks.values import as_lines, as_table

_NAME = patterns.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[([\w,\s-]*)\])?")
_SEPARATORS = patterns.repeated(r"[-_.]{1,1000}")


def declared(folder: Folder, manifest: Mapping[str, object]) -> frozenset[str]:
    """The requirements that a lock file must contain: those of pyproject.toml (`manifest`) and Pipfile."""
    lines = as_lines(as_table(manifest.get("project")).get("dependencies"))
    poetry = as_table(_poetry(manifest).get("dependencies"))
    pipfile = as_table(folder.toml("Pipfile").get("packages"))
    return names("\n".join([*lines, *(name for name in poetry if name != "python"), *pipfile]))


def for_development(folder: Folder, manifest: Mapping[str, object], files: Iterable[str]) -> frozenset[str]:
    """The requirements in `files` and in the groups and extras of pyproject.toml."""
    in_files = names("\n".join(folder.text(file) for file in files))
    return in_files | names("\n".join(_groups(manifest)))


def conda(folder: Folder) -> frozenset[str]:
    """https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html"""
    dependencies = folder.yaml(folder.has("environment.yml", "environment.yaml")).get("dependencies")
    tables = [as_table(item) for item in dependencies] if isinstance(dependencies, list) else []
    by_pip = [line for table in tables for line in as_lines(table.get("pip"))]
    return names("\n".join([*as_lines(dependencies), *by_pip]))


def names(lines: str) -> frozenset[str]:
    """The packages in the lines of a requirements file. `fastapi[standard]` also installs a server, uvicorn."""
    matches = [match for line in lines.splitlines() if (match := _NAME.match(line))]
    packages = {_SEPARATORS.sub("-", match[1]).lower() for match in matches}
    if any(match[1].lower() == "fastapi" and match[2] and "standard" in match[2] for match in matches):
        packages.add("uvicorn")
    return frozenset(packages)


def _groups(manifest: Mapping[str, object]) -> list[str]:
    """The requirements of groups and extras for development."""
    extras = as_table(as_table(manifest.get("project")).get("optional-dependencies"))
    tables = [as_table(manifest.get("dependency-groups")), extras]
    poetry = _poetry(manifest)
    groups = [as_table(as_table(group).get("dependencies")) for group in as_table(poetry.get("group")).values()]
    in_poetry = [name for group in (*groups, as_table(poetry.get("dev-dependencies"))) for name in group]
    return [*in_poetry, *(line for table in tables for group in table.values() for line in as_lines(group))]


def _poetry(manifest: Mapping[str, object]) -> dict[str, object]:
    return as_table(as_table(manifest.get("tool")).get("poetry"))
