"""Python in pipelines and images. https://docs.astral.sh/uv/guides/integration/docker/,
https://hub.docker.com/_/python"""

import shlex

from generate.files import below
from generate.images import BaseImage
from generate.pinned_actions import PinnedAction, default_version
from generate.toolchain import Step, TravisLanguage
from stacks import Command, Component
from stacks.python_version import RUNTIME

MEMORY = ("64Mi", "128Mi")
EDITIONS: dict[str, str] = {}
TRAVIS = TravisLanguage("python", "python", caches=("pip",))
_PYTHON = BaseImage(
    "python:{}-slim",
    {
        "3.11": "sha256:9c900dea9e8fb7e16277c179b555cc72d29a352dbc33cff48ad5a0412fd5bfc7",
        "3.12": "sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea",
        "3.13": "sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b",
        "3.14": "sha256:b877e50bd90de10af8d82c57a022fc2e0dc731c5320d762a27986facfc3355c1",
    },
)
_SETUP = PinnedAction("actions/setup-python", "a309ff8b426b58ec0e2a45f0f869d46889d02405", "v6.2.0")
_MANAGER_VERSIONS = {"uv": "0.13.8", "poetry": "2.5.1", "pdm": "2.29.4", "pipenv": "2026.10.3"}
"""Package managers that are installed from PyPI first."""
_ENVIRONMENT = "ENV HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1"
_MANAGER_ENVIRONMENT: dict[str, str] = {
    "uv": "ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1",
    "poetry": "ENV POETRY_VIRTUALENVS_IN_PROJECT=1 POETRY_NO_INTERACTION=1",
    "pdm": "ENV PDM_CHECK_UPDATE=false",
    "pipenv": "ENV PIPENV_VENV_IN_PROJECT=1",
}
"""All of them put the packages into /app/.venv."""
_WITHOUT_PROJECT = {"uv": ("--no-install-project",), "poetry": ("--no-root",), "pdm": ("--no-self",), "pipenv": ()}


def refusal(component: Component) -> str:
    """Refuses packages that do not come from PyPI."""
    return "its packages come from conda" if component.package_manager == "conda" else ""


def steps(component: Component) -> list[Step]:
    """The interpreter, the package manager and the packages."""
    setup: list[Step] = [{"uses": _SETUP.reference, "with": _version(component) | _cache(component)}]
    if component.package_manager in _MANAGER_VERSIONS:
        install = f"python -m pip install {_manager(component)}"
        setup.append({"name": f"Install {component.package_manager}", "run": install})
    if component.install:
        setup.append({"name": "Install packages", "run": shlex.join(component.install)})
    return setup


def image(component: Component) -> list[str]:
    """One stage if pip installs the packages; two with a package manager, which stays out of the final image."""
    name = _PYTHON.reference(component.version or RUNTIME.default)
    if component.package_manager not in _MANAGER_VERSIONS:
        return [f"FROM {name}", "WORKDIR /app", _ENVIRONMENT, *_pip_install(component)]
    return [
        *_build_stage(component, name),
        f"FROM {name}",
        "WORKDIR /app" + (f"/{component.inside}" if component.inside else ""),
        "COPY --from=build /app /app" if component.inside else "COPY --from=build /app ./",
        _ENVIRONMENT,
        "ENV PATH=/app/.venv/bin:$PATH",
    ]


def command(component: Component) -> Command:
    """The start command as it is: the programs of the packages are on the PATH."""
    return component.start


def _version(component: Component) -> dict[str, str]:
    if component.version_file:
        return {"python-version-file": below(component.root, component.version_file)}
    return {"python-version": component.version or default_version(RUNTIME.default)}


def _cache(component: Component) -> dict[str, str]:
    if component.package_manager == "pip" and component.manifests:
        return {"cache": "pip", "cache-dependency-path": below(component.root, component.manifests[0])}
    if component.package_manager == "pipenv" and component.lock_file:
        return {"cache": "pipenv", "cache-dependency-path": below(component.root, component.lock_file)}
    return {}


def _manager(component: Component) -> str:
    return f"{component.package_manager}=={_MANAGER_VERSIONS[component.package_manager]}"


def _pip_install(component: Component) -> list[str]:
    """Copies the manifests first where they are all that pip needs, so that new code keeps the packages' layer."""
    if not component.install_production:
        return ["COPY . ."]
    command = component.install_production
    install = f"RUN {shlex.join((*command[:4], '--no-cache-dir', *command[4:]))}"
    if component.manifests:
        return [f"COPY {' '.join(component.manifests)} ./", install, "COPY . ."]
    return ["COPY . .", install]


def _build_stage(component: Component, name: str) -> list[str]:
    """Packages come first, because they change less often than the code. The project itself follows with the code."""
    manager = component.package_manager
    only_packages = (*component.install_production, *_WITHOUT_PROJECT[manager])
    packages = [f"COPY {' '.join(component.manifests)} ./", f"RUN {shlex.join(only_packages)}"]
    project = [f"RUN {shlex.join(component.install_production)}"]
    return [
        f"FROM {name} AS build",
        "WORKDIR /app",
        _MANAGER_ENVIRONMENT[manager],
        f"RUN python -m pip install --no-cache-dir {_manager(component)}",
        *(packages if component.manifests else []),
        "COPY . .",
        *([] if manager == "pipenv" else project),
        "",
    ]
