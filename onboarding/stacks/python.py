"""Python: the entry point from a Procfile, a framework's application or a main module. https://packaging.python.org"""

import re

from onboarding.stacks import pinning, python_entry, python_packages, serving
from onboarding.stacks.components import Command, Component, Evidence, Grounds, Role
from onboarding.stacks.folder import Folder, as_table, as_text
from onboarding.stacks.runtimes import Runtime

FAMILY = "python"
MARKERS = (*python_packages.FILES, "manage.py", "runtime.txt", ".python-version", *python_packages.CONDA)
MANIFESTS = (
    *("pyproject.toml", "Pipfile", ".python-version", "runtime.txt"),
    *("requirements.txt", *python_packages.TEST_REQUIREMENTS),
    *pinning.MANIFESTS,
    *python_packages.CONDA[:2],
)
ENTRIES = (
    *("app.py", "main.py", "server.py", "wsgi.py", "asgi.py", "__main__.py", "manage.py"),
    *("bot.py", "run.py", "index.py", "hello.py", "application.py"),
)
ENDINGS = (".py",)
RUNTIME = Runtime(
    "Python",
    default="3.13",
    supported=("3.11", "3.12", "3.13", "3.14"),
    ended=("2.7", "3.6", "3.7", "3.8", "3.9", "3.10"),
    as_of="2026-11",  # https://devguide.python.org/versions/
)
_PORTS = (
    r"environ\.get\(\s*[\"']PORT[\"']\s*,\s*[\"']?(?P<port>\d{2,5})",
    r"getenv\(\s*[\"']PORT[\"']\s*,\s*[\"']?(?P<port>\d{2,5})",
    r"(?:environ\.get|getenv)\(\s*[\"']PORT[\"']\s*\)\s*or\s*[\"']?(?P<port>\d{2,5})",
    r"\b(?:run|run_app|serve|listen)\([^)\n]{0,200}\bport\s*=\s*(?P<port>\d{2,5})\b",
    r"HTTPServer\(\s*\(\s*[\"'][^\"'\n]{0,60}[\"']\s*,\s*(?P<port>\d{2,5})",
    r"^(?:PORT|port)\s*=\s*(?P<port>\d{2,5})\b",
)
_READ = r"(?:environ\.get|getenv)\(\s*[\"'](?P<name>[A-Z][A-Z0-9_]+)[\"']\s*(?:,\s*(?P<default>[^)\n]{1,80}))?\)"
_REQUIRED = r"environ\[\s*[\"'](?P<name>[A-Z][A-Z0-9_]+)[\"']\s*\](?!\s*=[^=])(?P<default>(?!))?"
_METRICS = (
    *("prometheus-client", "prometheus-fastapi-instrumentator", "prometheus-flask-exporter", "starlette-exporter"),
    *("django-prometheus", "aioprometheus"),
)
_MISSPELT = re.compile(
    r"(requirments?|requirement|requirementes|requirmenets|requiremnts|reqirements)\.txt", re.IGNORECASE
)


_NEEDS = {
    "postgresql": ("psycopg", "psycopg2", "psycopg2-binary", "psycopg-binary", "asyncpg", "pg8000"),
    "mysql": ("mysqlclient", "pymysql", "mysql-connector-python", "aiomysql"),
    "mongodb": ("pymongo", "motor", "mongoengine"),
    "redis": ("redis", "django-redis", "aioredis"),
    "kafka": ("kafka-python", "confluent-kafka", "aiokafka", "faust"),
    "rabbitmq": ("pika", "aio-pika", "kombu"),
    "elasticsearch": ("elasticsearch", "opensearch-py"),
}


def read(folder: Folder, name: str) -> Component | None:
    """The Python service in this folder; a library where nothing says how to start one."""
    misspelt = [one for one in folder.top if _MISSPELT.fullmatch(one)]
    for one in misspelt:
        folder.warn(f"{folder.path(one)} looks like a misspelt requirements.txt; pip will not find it.")
    marker = folder.has(*MARKERS) or (misspelt[0] if misspelt else "")
    if marker == "runtime.txt" and not folder.text(marker).lstrip().startswith("python"):
        marker = ""  # a list of packages may be called so, too
    if not marker and not folder.ending(*ENDINGS):
        return None
    packages = python_packages.packages(folder)
    started = python_entry.entry(folder, packages.names)
    if started is None and not marker:
        return None
    version, version_file, said = _version(folder)
    command = started.command if started else ()
    port, port_evidence = serving.port(folder, ENDINGS, _PORTS, command, started.port if started else 8000)
    health, health_evidence = serving.health_path(folder, ENDINGS)
    metrics, metrics_evidence = serving.metrics_path(folder, ENDINGS, packages.names, _METRICS, marker)
    test = _test(folder, packages) if started else ()
    shown = Evidence(folder.path(marker), None, "says that this is Python") if marker else None
    evidence = [*((shown,) if shown else ()), *said, *((started.evidence,) if started else ()), port_evidence]
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language="Python",
        version=version,
        version_file=version_file,
        framework=started.framework if started else "",
        package_manager=packages.manager,
        lock_file=packages.lock_file,
        manifests=packages.manifests,
        install=packages.install(needs_pytest="pytest" in test),
        install_production=packages.install_production,
        test=(*packages.prefix, *test) if test else (),
        start=command,
        port=port,
        health_path=health,
        metrics_path=metrics,
        settings=serving.settings(folder, ENDINGS, _READ, strict=(_REQUIRED,)),
        evidence=(*evidence, *health_evidence, *metrics_evidence),
        confidence=started.confidence if started else "guess",
        alternatives=serving.other_processes(folder),
        role=Role.SERVICE if started else Role.LIBRARY,
        grounds=_grounds(folder, marker, started),
        workspace=folder.workspace.root if folder.workspace is not None else None,
        needs=serving.needs(packages.names, _NEEDS),
    )


def _grounds(folder: Folder, marker: str, started: python_entry.Entry | None) -> Grounds:
    """Packages without anything to start may serve the tools of another language."""
    if started is None:
        return Grounds.COMPANION
    if started.by_process:
        return Grounds.PROCESS
    return Grounds.MANIFEST if marker else Grounds.SOURCES


def _version(folder: Folder) -> tuple[str, str, list[Evidence]]:
    """(version, the file that pins exactly it, evidence)."""
    pinned = re.match(r"\s*(?:cpython-)?(\d{1,2}\.\d{1,2})(?:\.\d{1,3})?\s*$", folder.text(".python-version"))
    if pinned:
        return _known(
            folder,
            pinned[1],
            ".python-version",
            Evidence(folder.path(".python-version"), 1, f"asks for Python {pinned[1]}"),
        )
    runtime = re.match(r"python-(\d{1,2}\.\d{1,2})", folder.text("runtime.txt"))
    if runtime:
        return _known(folder, runtime[1], "", Evidence(folder.path("runtime.txt"), 1, f"asks for Python {runtime[1]}"))
    manifest = folder.toml("pyproject.toml")
    poetry = as_table(as_table(as_table(manifest.get("tool")).get("poetry")).get("dependencies"))
    asked = as_text(as_table(manifest.get("project")).get("requires-python")) or as_text(poetry.get("python"))
    allowed = RUNTIME.allowed(asked)
    if allowed:
        return _known(folder, allowed, "", Evidence(folder.path("pyproject.toml"), None, f"requires Python {asked}"))
    managed = pinning.pinned(folder, "python")
    return _known(folder, ".".join(managed[0].split(".")[:2]), "", managed[1]) if managed else ("", "", [])


def _known(folder: Folder, version: str, file: str, evidence: Evidence) -> tuple[str, str, list[Evidence]]:
    known, said = pinning.known(folder, RUNTIME, version, evidence)
    return known, file, said


def _test(folder: Folder, packages: python_packages.Packages) -> Command:
    tests = sorted(one for one in folder.files if re.search(r"(^|/)(test_\w+|\w+_test)\.py$", one))
    configured = folder.has("pytest.ini", "conftest.py", "tests/conftest.py") or "[tool.pytest" in folder.text(
        "pyproject.toml"
    )
    if configured or "pytest" in packages.names | packages.for_tests or any(_unseen(one, folder) for one in tests):
        return ("python", "-m", "pytest") if tests or configured else _none(folder)
    if tests and "manage.py" in folder.files:
        return ("python", "manage.py", "test")
    return ("python", "-m", "unittest", "discover") if tests else _none(folder)


def _unseen(test: str, folder: Folder) -> bool:
    """Unittest does not look into folders that are no packages."""
    parent, _, name = test.rpartition("/")
    return (bool(parent) and f"{parent}/__init__.py" not in folder.files) or not name.startswith("test")


def _none(folder: Folder) -> Command:
    folder.warn(f"No tests were found in {folder.title}; its pipeline only builds.")
    return ()
