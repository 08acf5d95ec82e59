"""Python's package managers: which one a folder uses, and its commands. https://packaging.python.org"""

import patterns
from stacks.components import Command
from stacks.folder import Folder
from stacks.lock_files import TOML_PACKAGE, LockFile
from stacks.values import as_lines, as_table

MANAGERS = {"uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm", "Pipfile.lock": "pipenv"}
"""Lock file → its manager."""

LOCK_FILES = {
    "uv.lock": LockFile(TOML_PACKAGE, "uv sync --locked", "uv lock"),
    "poetry.lock": LockFile(TOML_PACKAGE, "poetry install", "poetry lock"),
    "pdm.lock": LockFile(TOML_PACKAGE, "pdm sync", "pdm lock"),
    "Pipfile.lock": LockFile(
        patterns.repeated(r'^[ \t]{1,40}"([\w.-]{1,200})": \{', multiline=True), "pipenv sync", "pipenv lock"
    ),
}
CONDA = ("environment.yml", "environment.yaml", "conda-lock.yml", "package-list.txt")
INSTALLS: dict[str, tuple[Command, Command, Command]] = {
    "uv": (("uv", "sync", "--locked"), ("uv", "sync", "--locked", "--no-dev"), ("uv", "run", "--no-sync")),
    "poetry": (("poetry", "install"), ("poetry", "install", "--only", "main"), ("poetry", "run")),
    "pdm": (("pdm", "sync", "--dev"), ("pdm", "sync", "--prod"), ("pdm", "run")),
    "pipenv": (("pipenv", "sync", "--dev"), ("pipenv", "sync"), ("pipenv", "run")),
}
"""Package manager → (install for tests, install for an image, prefix of a command that uses the packages)."""


def unfrozen(install: Command) -> Command:
    """For a folder without a lock file: uv refuses --locked there."""
    return tuple(argument for argument in install if argument != "--locked")


def unlocked_manager(folder: Folder, manifest: dict[str, object]) -> str:
    """The manager of a folder without a lock file."""
    tools = as_table(manifest.get("tool"))
    if folder.has(*CONDA) and not folder.has("requirements.txt", "pyproject.toml"):
        return "conda"
    if folder.has("requirements.txt", "setup.py") or ("build-system" in manifest and "poetry" not in tools):
        return "pip"
    configured = next((manager for manager in ("poetry", "pdm", "uv") if manager in tools), "")
    if configured or not manifest:
        return configured or ("pipenv" if "Pipfile" in folder.files else "pip")
    return "uv" if as_lines(as_table(manifest.get("project")).get("dependencies")) else "pip"
