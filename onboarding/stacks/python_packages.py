"""How a Python folder's packages are installed: pip, uv, Poetry, PDM or Pipenv, as its files say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from onboarding.stacks import locked
from onboarding.stacks.components import Command
from onboarding.stacks.folder import Folder, as_lines, as_table, as_text

LOCKS = {"uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm", "Pipfile.lock": "pipenv"}
CONDA = ("environment.yml", "environment.yaml", "conda-lock.yml", "package-list.txt")
FILES = ("pyproject.toml", "requirements.txt", "requirements.in", "Pipfile", "setup.py", "setup.cfg", *LOCKS)
TEST_REQUIREMENTS = (
    *("requirements-dev.txt", "requirements-test.txt", "requirements_dev.txt", "dev-requirements.txt"),
    *("requirements/dev.txt", "requirements/test.txt"),
)
INSTALLS: dict[str, tuple[Command, Command, Command]] = {
    "uv": (("uv", "sync", "--locked"), ("uv", "sync", "--locked", "--no-dev"), ("uv", "run", "--no-sync")),
    "poetry": (("poetry", "install"), ("poetry", "install", "--only", "main"), ("poetry", "run")),
    "pdm": (("pdm", "sync", "--dev"), ("pdm", "sync", "--prod"), ("pdm", "run")),
    "pipenv": (("pipenv", "sync", "--dev"), ("pipenv", "sync"), ("pipenv", "run")),
}
"""Package manager → how tests install, how an image installs, what stands before a command."""
_PIP: Command = ("python", "-m", "pip", "install")
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[([\w,\s-]*)\])?")


@dataclass(frozen=True)
class Packages:
    """`names` are the packages that the service asks for, in their normal form; `for_tests` those of its tests."""

    manager: str
    lock_file: str
    manifests: tuple[str, ...]
    names: frozenset[str]
    for_tests: frozenset[str]
    prefix: Command
    install_production: Command
    test_files: tuple[str, ...] = ()
    package: Command = ()
    """Which member of a workspace is meant."""

    def install(self, *, needs_pytest: bool) -> Command:
        """What a test job runs first."""
        if self.manager == "conda":
            return ()
        if self.manager != "pip":
            install = INSTALLS[self.manager][0]
            return (*(install if self.lock_file else _unfrozen(install)), *self.package)
        given = [word for file in self.test_files for word in ("--requirement", file)]
        given += ["pytest"] if needs_pytest and "pytest" not in self.names | self.for_tests else []
        return (*(self.install_production or _PIP), *given) if given else self.install_production


def packages(folder: Folder) -> Packages:
    """What the manifests say, with warnings for what makes two builds differ."""
    manifest = folder.toml("pyproject.toml")
    top = folder.workspace or folder  # a workspace of uv has one lock file, and one environment
    lock = top.has("uv.lock") if folder.workspace else folder.has(*LOCKS)
    manager = "uv" if folder.workspace else LOCKS.get(lock, "") or _unlocked(folder, manifest)
    _warn(folder, lock, manager)
    locked.warn(folder, top, lock, _declared(manifest, folder), "Pipfile" if manager == "pipenv" else "pyproject.toml")
    tests = tuple(one for one in TEST_REQUIREMENTS if one in folder.files)
    names, for_tests = _asked(folder, manifest), _named("\n".join(folder.text(one) for one in tests))
    for_tests |= _named("\n".join(_groups(manifest)))
    if manager == "conda":
        names |= _conda(folder)
        return Packages("conda", lock, (folder.has(*CONDA),), names, for_tests, (), ())
    if manager == "pip":
        production, manifests = _pip(folder)
        return Packages("pip", lock, manifests, names, for_tests, (), production, tests)
    _, production, prefix = INSTALLS[manager]
    production = production if lock else _unfrozen(production)
    if folder.workspace is not None:
        package, prefix = _member(manifest), (*prefix, "--directory", folder.inside)
        return Packages(manager, lock, (), names, for_tests, prefix, (*production, *package), package=package)
    if _is_workspace_root(manifest):  # the lock file holds for all members, and is refused where they are missing
        return Packages(manager, lock, (), names, for_tests, prefix, production)
    own = "Pipfile" if manager == "pipenv" else "pyproject.toml"
    return Packages(manager, lock, (own, lock) if lock else (own,), names, for_tests, prefix, production)


def _unfrozen(install: Command) -> Command:
    """For a folder without a lock file: uv refuses to go by one that is not there."""
    return tuple(word for word in install if word != "--locked")


def _is_workspace_root(manifest: Mapping[str, object]) -> bool:
    return "workspace" in as_table(as_table(manifest.get("tool")).get("uv"))


def _member(manifest: Mapping[str, object]) -> Command:
    """https://docs.astral.sh/uv/concepts/projects/workspaces/#workspace-members"""
    name = as_text(as_table(manifest.get("project")).get("name"))
    return ("--package", name) if re.fullmatch(r"[\w.-]+", name) else ("--all-packages",)


def _unlocked(folder: Folder, manifest: dict[str, object]) -> str:
    """The manager of a folder without a lock file."""
    tools = as_table(manifest.get("tool"))
    if folder.has(*CONDA) and not folder.has("requirements.txt", "pyproject.toml"):
        return "conda"
    if folder.has("requirements.txt", "setup.py") or ("build-system" in manifest and "poetry" not in tools):
        return "pip"
    named = next((one for one in ("poetry", "pdm", "uv") if one in tools), "")
    if named or not manifest:
        return named or ("pipenv" if "Pipfile" in folder.files else "pip")
    return "uv" if as_lines(as_table(manifest.get("project")).get("dependencies")) else "pip"


def _pip(folder: Folder) -> tuple[Command, tuple[str, ...]]:
    """(production install, the files it needs: none where it needs the whole folder)."""
    if "requirements.txt" in folder.files:
        whole = re.search(
            r"^[ \t]*(-r|-c|-e|--requirement|--constraint|--editable|\.|file:)",
            folder.text("requirements.txt"),
            re.MULTILINE,
        )
        return (*_PIP, "--requirement", "requirements.txt"), () if whole else ("requirements.txt",)
    if "build-system" in folder.toml("pyproject.toml") or "setup.py" in folder.files:
        return (*_PIP, "."), ()
    return (), ()


def _warn(folder: Folder, lock: str, manager: str) -> None:
    locks = [one for one in LOCKS if one in folder.files]
    if len(locks) > 1:
        folder.warn(f"{' and '.join(locks)} stand beside each other in {folder.title}; {lock} is used.")
    if manager in INSTALLS and not lock:
        folder.warn(f"{folder.title} is managed by {manager} and has no lock file: two builds may differ.")


def _conda(folder: Folder) -> frozenset[str]:
    """https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html"""
    listed = folder.yaml(folder.has("environment.yml", "environment.yaml")).get("dependencies")
    lines = as_lines(listed)
    nested = [as_lines(as_table(one).get("pip")) for one in (listed if isinstance(listed, list) else [])]
    return _named("\n".join([*lines, *(line for group in nested for line in group)]))


def _asked(folder: Folder, manifest: dict[str, object]) -> frozenset[str]:
    return _declared(manifest, folder) | _named(folder.text("requirements.txt"))


def _declared(manifest: dict[str, object], folder: Folder) -> frozenset[str]:
    """What the manifests ask for that a lock file stands for."""
    lines = as_lines(as_table(manifest.get("project")).get("dependencies"))
    poetry = as_table(as_table(as_table(manifest.get("tool")).get("poetry")).get("dependencies"))
    pipfile = as_table(folder.toml("Pipfile").get("packages"))
    return _named("\n".join([*lines, *(one for one in poetry if one != "python"), *pipfile]))


def _groups(manifest: dict[str, object]) -> list[str]:
    """What groups and extras for development ask for."""
    tools = as_table(manifest.get("tool"))
    tables = [
        as_table(manifest.get("dependency-groups")),
        as_table(as_table(manifest.get("project")).get("optional-dependencies")),
    ]
    poetry = as_table(tools.get("poetry"))
    groups = [as_table(as_table(one).get("dependencies")) for one in as_table(poetry.get("group")).values()]
    names = [one for group in (*groups, as_table(poetry.get("dev-dependencies"))) for one in group]
    return [*names, *(line for table in tables for group in table.values() for line in as_lines(group))]


def _named(lines: str) -> frozenset[str]:
    """The packages that lines ask for; `fastapi[standard]` brings a server with it."""
    found = [match for line in lines.splitlines() if (match := _NAME.match(line))]
    names = {re.sub(r"[-_.]+", "-", match[1]).lower() for match in found}
    if any(match[1].lower() == "fastapi" and match[2] and "standard" in match[2] for match in found):
        names.add("uvicorn")
    return frozenset(names)
