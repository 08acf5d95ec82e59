"""A repository's files in, the proposal's files out."""

from collections.abc import Mapping
from dataclasses import replace

from onboarding import generate, stacks
from onboarding.generate import Placement
from onboarding.stacks import Component

PLACEMENT = Placement(
    owner="acme",
    repository="Shop",
    default_branch="main",
    team="storefront",
    namespace="storefront",
    registry_host="registry.example",
    cluster_url="https://cluster.example",
    cluster_ca=None,
    oidc_audience="onramp-cluster",
    address="https://{application}.{namespace}.apps.example/",
)
WORKFLOW = ".github/workflows/onramp.yml"
MAIN = "if __name__ == '__main__': ...\n"
TESTED = {"app.py": MAIN, "tests/__init__.py": "", "tests/test_app.py": ""}
PROJECT = '[project]\nname = "x"\nrequires-python = ">=3.12"\ndependencies = ["flask"]\n'
PACKAGE = (
    '{"scripts": {"start": "node s.js", "build": "tsc", "test": "node --test"}, "dependencies": {"koa": "3"}, '
    '"devDependencies": {"typescript": "5"}, "engines": {"node": ">=22"}}'
)
STACKS: dict[str, dict[str, str]] = {
    "pip": {"requirements.txt": "flask\n", ".python-version": "3.12\n", **TESTED},
    "pip-whole": {"requirements.txt": "-r more.txt\n", **TESTED},
    "uv": {"pyproject.toml": PROJECT, "uv.lock": "", **TESTED},
    "poetry": {"pyproject.toml": "[tool.poetry.dependencies]\nflask = '*'\n", "poetry.lock": "", **TESTED},
    "pdm": {"pyproject.toml": PROJECT, "pdm.lock": "", **TESTED},
    "pipenv": {"Pipfile": "[packages]\n", "Pipfile.lock": "{}", **TESTED},
    "npm": {"package.json": PACKAGE, "package-lock.json": "", ".nvmrc": "22\n"},
    "pnpm": {"package.json": PACKAGE.replace("node s.js", "tsx s.ts"), "pnpm-lock.yaml": ""},
    "yarn": {"package.json": PACKAGE, "yarn.lock": ""},
    "bun": {"package.json": PACKAGE.replace("node s.js", "bun s.ts"), "bun.lock": ""},
    "node-bare": {"package.json": '{"scripts": {"start": "node s.js"}}'},
    "dockerfile": {"Dockerfile": 'FROM scratch\nEXPOSE 80\nCMD ["/srv"]\n'},
}


def components(files: Mapping[str, str], name: str = "shop") -> tuple[Component, ...]:
    return stacks.read(sorted(files), files, name).components


def made(files: Mapping[str, str], **placement: object) -> dict[str, str]:
    """Path → text of what is proposed for a repository with these files."""
    placed = replace(PLACEMENT, **placement)  # type: ignore[arg-type]
    return {one.path: one.text for one in generate.files(components(files), placed)}


def together() -> dict[str, str]:
    """A monorepo with a folder of each stack."""
    return {f"{folder}/{path}": text for folder, files in STACKS.items() for path, text in files.items()}
