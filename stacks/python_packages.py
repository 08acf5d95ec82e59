"""The packages that a Python folder requires, and how its package manager installs them."""

from dataclasses import dataclass

import patterns
from stacks import lock_files, python_requirements
from stacks.components import Command
from stacks.folder import Folder
from stacks.python_managers import CONDA, INSTALLS, LOCK_FILES, MANAGERS, unfrozen, unlocked_manager
from stacks.python_workspaces import is_workspace_root, member_arguments

FILES = ("pyproject.toml", "requirements.txt", "requirements.in", "Pipfile", "setup.py", "setup.cfg", *MANAGERS)
TEST_REQUIREMENTS = (
    *("requirements-dev.txt", "requirements-test.txt", "requirements_dev.txt", "dev-requirements.txt"),
    *("requirements/dev.txt", "requirements/test.txt"),
)

_PIP: Command = ("python", "-m", "pip", "install")
_OTHER_FILES = patterns.compile(r"^[ \t]*(-r|-c|-e|--requirement|--constraint|--editable|\.|file:)", multiline=True)


@dataclass(frozen=True)
class Packages:
    """`names` are the packages that the service requires, normalised; `for_tests` those of its tests.

    `prefix` goes before a command that uses the packages. `package` selects a member of a workspace.
    """

    manager: str
    lock_file: str
    manifests: tuple[str, ...]
    names: frozenset[str]
    for_tests: frozenset[str]
    prefix: Command
    install_production: Command
    test_files: tuple[str, ...] = ()
    package: Command = ()

    def install(self, *, needs_pytest: bool) -> Command:
        """The install command of a test job."""
        if self.manager == "conda":
            return ()
        if self.manager != "pip":
            install = INSTALLS[self.manager][0]
            return (*(install if self.lock_file else unfrozen(install)), *self.package)
        arguments = [argument for file in self.test_files for argument in ("--requirement", file)]
        arguments += ["pytest"] if needs_pytest and "pytest" not in self.names | self.for_tests else []
        return (*(self.install_production or _PIP), *arguments) if arguments else self.install_production


def packages(folder: Folder) -> Packages:
    """The packages that the manifests require, and their manager. Warns about everything that makes builds differ."""
    manifest = folder.toml("pyproject.toml")
    top = folder.workspace or folder  # a workspace of uv has one lock file and one environment
    lock = top.has("uv.lock") if folder.workspace else folder.has(*MANAGERS)
    manager = "uv" if folder.workspace else MANAGERS.get(lock, "") or unlocked_manager(folder, manifest)
    main_manifest = "Pipfile" if manager == "pipenv" else "pyproject.toml"
    _warn(folder, lock, manager)
    declared = python_requirements.declared(folder, manifest)
    lock_files.warn_if_stale(folder, top, lock, LOCK_FILES.get(lock), declared, main_manifest)
    tests = tuple(file for file in TEST_REQUIREMENTS if file in folder.files)
    names = declared | python_requirements.names(folder.text("requirements.txt"))
    for_tests = python_requirements.for_development(folder, manifest, tests)
    if manager == "conda":
        names |= python_requirements.conda(folder)
        return Packages("conda", lock, (folder.has(*CONDA),), names, for_tests, (), ())
    if manager == "pip":
        production, manifests = _pip(folder)
        return Packages("pip", lock, manifests, names, for_tests, (), production, tests)
    _, production, prefix = INSTALLS[manager]
    production = production if lock else unfrozen(production)
    if folder.workspace is not None:
        package, prefix = member_arguments(manifest), (*prefix, "--directory", folder.inside)
        return Packages(manager, lock, (), names, for_tests, prefix, (*production, *package), package=package)
    if is_workspace_root(manifest):  # the lock file is for all members, and is refused if one is missing
        return Packages(manager, lock, (), names, for_tests, prefix, production)
    manifests = (main_manifest, lock) if lock else (main_manifest,)
    return Packages(manager, lock, manifests, names, for_tests, prefix, production)


def _pip(folder: Folder) -> tuple[Command, tuple[str, ...]]:
    """(install for an image, the files that it needs: empty if it needs the whole folder)."""
    if "requirements.txt" in folder.files:
        whole = _OTHER_FILES.search(folder.text("requirements.txt"))
        return (*_PIP, "--requirement", "requirements.txt"), () if whole else ("requirements.txt",)
    if "build-system" in folder.toml("pyproject.toml") or "setup.py" in folder.files:
        return (*_PIP, "."), ()
    return (), ()


def _warn(folder: Folder, lock: str, manager: str) -> None:
    locks = [file for file in MANAGERS if file in folder.files]
    if len(locks) > 1:
        folder.warn(
            f"There are several lock files in {folder.title}: {' and '.join(locks)}. Onramp uses {lock}; "
            "remove those that you do not use."
        )
    if manager in INSTALLS and not lock:
        folder.warn(
            f"{manager} manages {folder.title}, but there is no lock file: two builds may differ. Commit the lock file."
        )
