"""Python: started by a Procfile, a framework's application object or a main module. https://packaging.python.org"""

import patterns
from stacks import (
    pinning,
    processes,
    python_entry,
    python_managers,
    python_packages,
    python_serving,
    python_tests,
    python_version,
    python_workspaces,
)
from stacks.components import Component, Evidence, Grounds, Role
from stacks.family import Family
from stacks.folder import Folder
from stacks.python_entry import Entry
from stacks.python_packages import Packages
from stacks.python_serving import ENDINGS

MARKERS = (*python_packages.FILES, "manage.py", "runtime.txt", ".python-version", *python_managers.CONDA)
_MISSPELT = patterns.compile(
    r"(requirments?|requirement|requirementes|requirmenets|requiremnts|reqirements)\.txt", ignore_case=True
)


def read(folder: Folder, name: str) -> Component | None:
    """The Python service in this folder; a library if nothing shows how to start one."""
    marker = _marker(folder)
    if not marker and not folder.top_files_ending(*ENDINGS):
        return None
    packages = python_packages.packages(folder)
    entry = python_entry.entry(folder, packages.names)
    if entry is None and not marker:
        return None
    return _component(folder, name, marker, packages, entry)


def _component(folder: Folder, name: str, marker: str, packages: Packages, entry: Entry | None) -> Component:
    version, version_file, version_evidence = python_version.version(folder)
    command, port = (entry.command, entry.port) if entry else ((), 8000)
    endpoints = python_serving.endpoints(folder, packages.names, command, port, marker)
    test = python_tests.command(folder, packages) if entry else ()
    identified = [Evidence(folder.path(marker), None, "identifies this as Python")] if marker else []
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY.name,
        language="Python",
        version=version,
        version_file=version_file,
        framework=entry.framework if entry else "",
        package_manager=packages.manager,
        lock_file=packages.lock_file,
        manifests=packages.manifests,
        install=packages.install(needs_pytest="pytest" in test),
        install_production=packages.install_production,
        test=(*packages.prefix, *test) if test else (),
        start=command,
        port=endpoints.port,
        health_path=endpoints.health_path,
        metrics_path=endpoints.metrics_path,
        settings=python_serving.settings(folder),
        evidence=(*identified, *version_evidence, *([entry.evidence] if entry else []), *endpoints.evidence),
        confidence=entry.confidence if entry else "guess",
        alternatives=processes.others(folder),
        role=Role.SERVICE if entry else Role.LIBRARY,
        grounds=_grounds(marker, entry),
        workspace=folder.workspace.root if folder.workspace is not None else None,
        needs=python_serving.needs(packages.names),
    )


def _marker(folder: Folder) -> str:
    misspelt = [file for file in folder.top_files if _MISSPELT.fullmatch(file)]
    for file in misspelt:
        folder.warn(
            f"{folder.path(file)} looks like a misspelt requirements.txt. "
            "pip will not find it; rename it to requirements.txt."
        )
    marker = folder.has(*MARKERS) or next(iter(misspelt), "")
    if marker == "runtime.txt" and not folder.text(marker).lstrip().startswith("python"):
        return ""  # a list of packages can have this name, too
    return marker


def _grounds(marker: str, entry: Entry | None) -> Grounds:
    """Packages without anything to start may serve the tools of another language."""
    if entry is None:
        return Grounds.COMPANION
    if entry.by_process:
        return Grounds.PROCESS
    return Grounds.MANIFEST if marker else Grounds.SOURCES


FAMILY = Family(
    name="python",
    read=read,
    markers=MARKERS,
    manifests=(
        *("pyproject.toml", "Pipfile", ".python-version", "runtime.txt"),
        *("requirements.txt", *python_packages.TEST_REQUIREMENTS),
        *pinning.MANIFESTS,
        *python_managers.CONDA[:2],
    ),
    entries=(
        *("app.py", "main.py", "server.py", "wsgi.py", "asgi.py", "__main__.py", "manage.py"),
        *("bot.py", "run.py", "index.py", "hello.py", "application.py"),
    ),
    endings=ENDINGS,
    lock_files=python_managers.LOCK_FILES,
    images=patterns.compile(r"(?:^|/)(?:python|uv)$|tiangolo/"),
    members=python_workspaces.members,
)
