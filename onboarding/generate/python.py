"""Python in a pipeline and in an image. https://docs.astral.sh/uv/guides/integration/docker/, https://hub.docker.com/_/python"""

import shlex
from typing import Any

from onboarding.generate.actions import PACKAGE_MANAGERS, pinned
from onboarding.generate.files import below
from onboarding.generate.images import base
from onboarding.generate.text import noted
from onboarding.stacks import Command, Component
from onboarding.stacks.python import RUNTIME

MEMORY = ("64Mi", "128Mi")
_UNBUFFERED = "ENV HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1"
_BESIDE: dict[str, str] = {
    "uv": "ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1",
    "poetry": "ENV POETRY_VIRTUALENVS_IN_PROJECT=1 POETRY_NO_INTERACTION=1",
    "pdm": "ENV PDM_CHECK_UPDATE=false",
    "pipenv": "ENV PIPENV_VENV_IN_PROJECT=1",
}
"""All of them put the packages into /app/.venv."""
_WITHOUT_PROJECT = {"uv": ("--no-install-project",), "poetry": ("--no-root",), "pdm": ("--no-self",), "pipenv": ()}


def refuses(one: Component) -> str:
    """What is not installed from PyPI."""
    return "its packages come from conda" if one.package_manager == "conda" else ""


def steps(one: Component) -> list[dict[str, Any]]:
    """Interpreter, package manager, packages."""
    found: list[dict[str, Any]] = [
        {"uses": noted(*pinned("actions/setup-python")), "with": _version(one) | _cache(one)}
    ]
    if one.package_manager in PACKAGE_MANAGERS:
        found.append({"name": f"Install {one.package_manager}", "run": f"python -m pip install {_manager(one)}"})
    if one.install:
        found.append({"name": "Install packages", "run": shlex.join(one.install)})
    return found


def image(one: Component) -> list[str]:
    """One stage where pip installs; two where a package manager does, which the image does not need afterwards."""
    name = base("python", one.version or RUNTIME.default)
    if one.package_manager in PACKAGE_MANAGERS:
        return [
            *_build_stage(one, name),
            f"FROM {name}",
            "WORKDIR /app" + (f"/{one.inside}" if one.inside else ""),
            "COPY --from=build /app /app" if one.inside else "COPY --from=build /app ./",
            _UNBUFFERED,
            "ENV PATH=/app/.venv/bin:$PATH",
        ]
    install = [f"RUN {_pip(one.install_production)}"] if one.install_production else []
    copied = (
        [f"COPY {' '.join(one.manifests)} ./", *install, "COPY . ."]
        if one.manifests and install
        else ["COPY . .", *install]
    )
    return [f"FROM {name}", "WORKDIR /app", _UNBUFFERED, *copied]


def command(one: Component) -> Command:
    """As it was read: the packages' programs are on the PATH."""
    return one.start


def _version(one: Component) -> dict[str, str]:
    if one.version_file:
        return {"python-version-file": below(one.root, one.version_file)}
    return {"python-version": one.version or noted(RUNTIME.default, "the repository names no version")}


def _cache(one: Component) -> dict[str, str]:
    if one.package_manager == "pip" and one.manifests:
        return {"cache": "pip", "cache-dependency-path": below(one.root, one.manifests[0])}
    if one.package_manager == "pipenv" and one.lock_file:
        return {"cache": "pipenv", "cache-dependency-path": below(one.root, one.lock_file)}
    return {}


def _manager(one: Component) -> str:
    return f"{one.package_manager}=={PACKAGE_MANAGERS[one.package_manager]}"


def _build_stage(one: Component, name: str) -> list[str]:
    """The packages first: they change less often than the code. In a workspace they are each other's packages."""
    alone = (*one.install_production, *_WITHOUT_PROJECT[one.package_manager])
    before = [f"COPY {' '.join(one.manifests)} ./", f"RUN {shlex.join(alone)}"] if one.manifests else []
    after = [] if one.package_manager == "pipenv" else [f"RUN {shlex.join(one.install_production)}"]
    return [
        f"FROM {name} AS build",
        "WORKDIR /app",
        _BESIDE[one.package_manager],
        f"RUN python -m pip install --no-cache-dir {_manager(one)}",
        *before,
        "COPY . .",
        *after,
        "",
    ]


def _pip(install: Command) -> str:
    return shlex.join((*install[:4], "--no-cache-dir", *install[4:]))
