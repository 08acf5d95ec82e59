"""Python: pip, with the entry point from a Procfile, a framework or a main module. https://packaging.python.org"""

import re
import shlex

from onboarding.stacks import serving
from onboarding.stacks.components import Component, Evidence, Setting
from onboarding.stacks.folder import Folder, as_table, as_text

FAMILY = "python"
MARKERS = ("pyproject.toml", "requirements.txt", "Pipfile", "setup.py", "uv.lock", "poetry.lock", "manage.py")
SOURCES = ("app.py", "main.py", "server.py", "wsgi.py", "asgi.py", "__main__.py")
ENDING = ".py"
DEFAULT_VERSION = "3.12"
_LOCKS = {"uv.lock": "uv", "poetry.lock": "poetry", "pdm.lock": "pdm", "Pipfile.lock": "pipenv"}
_PORTS = (
    r"environ\.get\(\s*[\"']PORT[\"']\s*,\s*[\"']?(?P<port>\d{2,5})",
    r"getenv\(\s*[\"']PORT[\"']\s*,\s*[\"']?(?P<port>\d{2,5})",
    r"\bport\s*=\s*(?P<port>\d{2,5})\b",
)
_SETTING = (
    r"(?:os\.)?(?:environ\.get|getenv)\(\s*[\"'](?P<name>[A-Z][A-Z0-9_]+)[\"']\s*(?:,\s*(?P<default>[^)\n]{1,80}))?\)"
)
_REQUIRED = r"environ\[\s*[\"'](?P<name>[A-Z][A-Z0-9_]+)[\"']\s*\](?P<default>)"
_MISSPELT = re.compile(r"(requirments|requirement|requirementes|requirments\.dev)\.txt")
_FRAMEWORKS = ("django", "fastapi", "flask", "starlette", "aiohttp", "tornado", "litestar", "sanic")


def read(folder: Folder, name: str) -> Component | None:
    """The Python service in this folder, or None where nothing says how to start one."""
    for misspelt in sorted(one for one in folder.files if _MISSPELT.fullmatch(one)):
        folder.warn(f"{folder.path(misspelt)} looks like a misspelt requirements.txt; pip will not find it.")
    marker = folder.has(*MARKERS)
    if not marker:
        return None
    depends = _dependencies(folder)
    started = _start(folder, depends)
    if started is None:
        return None
    start, why, confidence = started
    version, version_file, said = _version(folder)
    port, port_evidence = serving.port(folder, ENDING, _PORTS, 8000)
    health, health_evidence = serving.health_path(folder, ENDING)
    metrics, metrics_evidence = serving.metrics_path(folder, ENDING)
    framework = next((one for one in _FRAMEWORKS if one in depends), "")
    lock = folder.has(*_LOCKS)
    evidence = [Evidence(folder.path(marker), None, "says that this is Python"), *said, why, port_evidence]
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language="Python",
        version=version,
        version_file=version_file,
        framework=framework,
        package_manager=_LOCKS.get(lock, "pip"),
        lock_file=lock,
        has_requirements="requirements.txt" in folder.files,
        start=start,
        test=_test(folder, depends),
        port=port,
        health_path=health,
        metrics_path=metrics,
        container_file="",
        settings=_settings(folder),
        evidence=(*evidence, *(one for one in (health_evidence, metrics_evidence) if one)),
        confidence=confidence,
    )


def _dependencies(folder: Folder) -> set[str]:
    """Names of the packages that the manifests ask for, in lower case."""
    project = as_table(folder.toml("pyproject.toml").get("project"))
    listed = project.get("dependencies")
    lines = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    lines += folder.text("requirements.txt").splitlines()
    poetry = as_table(as_table(as_table(folder.toml("pyproject.toml").get("tool")).get("poetry")).get("dependencies"))
    names = (re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", line) for line in [*lines, *poetry])
    return {found[1].lower() for found in names if found}


def _version(folder: Folder) -> tuple[str, str, list[Evidence]]:
    """(version, the file that a set-up action reads, evidence)."""
    pinned = re.match(r"\s*(\d+\.\d+)", folder.text(".python-version"))
    if pinned:
        path = folder.path(".python-version")
        return pinned[1], ".python-version", [Evidence(path, 1, f"asks for Python {pinned[1]}")]
    asked = as_text(as_table(folder.toml("pyproject.toml").get("project")).get("requires-python"))
    least = re.search(r"(\d+\.\d+)", asked)
    if least:
        path = folder.path("pyproject.toml")
        return least[1], "pyproject.toml", [Evidence(path, None, f"requires Python {asked}")]
    runtime = re.match(r"python-(\d+\.\d+)", folder.text("runtime.txt"))
    if runtime:
        return runtime[1], "", [Evidence(folder.path("runtime.txt"), 1, f"asks for Python {runtime[1]}")]
    return "", "", []


def _start(folder: Folder, depends: set[str]) -> tuple[tuple[str, ...], Evidence, str] | None:
    for process, (command, line) in serving.procfile(folder).items():
        if process == "web" or len(serving.procfile(folder)) == 1:
            words = _words(folder, command)
            if words:
                return words, Evidence(folder.path("Procfile"), line, f"starts with: {command}"), "certain"
    if "manage.py" in folder.files and "django" in depends:
        package = next((one.partition("/")[0] for one in sorted(folder.files) if one.endswith("/wsgi.py")), "")
        if package:
            evidence = Evidence(folder.path(f"{package}/wsgi.py"), None, "is Django's WSGI application")
            return ("gunicorn", "--bind", "0.0.0.0:8000", f"{package}.wsgi"), evidence, "likely"
    for main in SOURCES:
        if main in folder.files and folder.text(main):
            runs = re.search(r"__name__\s*==\s*[\"']__main__[\"']", folder.text(main))
            confidence = "likely" if runs else "guess"
            return ("python", main), Evidence(folder.path(main), None, "is the main module"), confidence
    return None


def _words(folder: Folder, command: str) -> tuple[str, ...]:
    """The command as an argument list; one that needs a shell is given to one."""
    if re.search(r"[$&|;<>`]", command):
        return ("sh", "-c", command)
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        folder.warn(f"{folder.path('Procfile')} has a command that cannot be read: {error}.")
        return ()


def _test(folder: Folder, depends: set[str]) -> tuple[str, ...]:
    if (
        "pytest" in depends
        or folder.has("pytest.ini", "conftest.py")
        or "[tool.pytest" in folder.text("pyproject.toml")
    ):
        return ("python", "-m", "pytest")
    if any(re.search(r"(^|/)test_\w+\.py$", one) for one in folder.files):
        return ("python", "-m", "unittest", "discover")
    folder.warn(f"{folder.root or 'The repository'} has no tests that could be found; its pipeline only builds.")
    return ()


def _settings(folder: Folder) -> tuple[Setting, ...]:
    found = {one.name: one for one in serving.settings(folder, ENDING, _SETTING)}
    for one in serving.settings(folder, ENDING, _REQUIRED):
        found.setdefault(one.name, Setting(one.name, None, one.secret, one.evidence))
    return tuple(found[name] for name in sorted(found))
