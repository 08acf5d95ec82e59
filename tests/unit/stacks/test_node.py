"""Node: package manager, start command, version, and folders that are no service."""

import json

import pytest

from stacks.components import Role
from tests.unit.stacks.repository import only, read


def package(**fields: object) -> str:
    return json.dumps({"name": "x", **fields})


START = {"start": "node s.js"}


@pytest.mark.parametrize(
    ("files", "manager", "install", "production"),
    [
        ({"package-lock.json": ""}, "npm", "npm ci", "npm ci --omit=dev"),
        (
            {"pnpm-lock.yaml": ""},
            "pnpm",
            "pnpm install --frozen-lockfile",
            "pnpm install --prod --frozen-lockfile",
        ),
        (
            {"yarn.lock": ""},
            "yarn",
            "yarn install --frozen-lockfile",
            "yarn install --frozen-lockfile --production",
        ),
        ({"bun.lock": ""}, "bun", "bun install --frozen-lockfile", "bun install --frozen-lockfile --production"),
        ({}, "npm", "npm install", "npm install --omit=dev"),
    ],
)
def test_the_lock_file_decides_the_package_manager(
    files: dict[str, str], manager: str, install: str, production: str
) -> None:
    component = only({"package.json": package(scripts=START, dependencies={"koa": "3"}), **files})
    assert component.package_manager == manager
    assert " ".join(component.install) == install
    assert " ".join(component.install_production) == production


def test_the_declared_manager_overrides_the_lock_file() -> None:
    manifest = package(scripts=START, dependencies={"koa": "3"}, packageManager="yarn@4.9.1")
    component = only({"package.json": manifest, "package-lock.json": "", "yarn.lock": ""})
    assert (component.package_manager, component.lock_file) == ("yarn", "yarn.lock")
    assert component.install == ("yarn", "install", "--immutable")


def test_the_image_contains_a_development_tool_that_the_start_script_runs() -> None:
    manifest = package(scripts={"start": "tsx s.ts"}, dependencies={"koa": "3"}, devDependencies={"tsx": "4"})
    component = only({"package.json": manifest, "package-lock.json": ""})
    assert component.install_production == component.install


def test_a_missing_lock_file_gets_a_warning() -> None:
    reading = read({"package.json": package(scripts=START, dependencies={"koa": "3"})})
    assert any("no lock file" in warning for warning in reading.warnings)


@pytest.mark.parametrize(
    ("manifest", "files", "start", "confidence"),
    [
        ({"scripts": {"start": "node  src/s.js"}}, {}, "node src/s.js", "certain"),
        ({"scripts": {"start": "next start"}}, {}, "npm start", "certain"),
        ({"scripts": {"start": "tsx a.ts"}}, {"pnpm-lock.yaml": ""}, "pnpm run start", "certain"),
        ({"scripts": {"build": "next build"}, "dependencies": {"next": "16"}}, {}, "npx next start", "likely"),
        ({"main": "./src/index.js"}, {"src/index.js": "app.listen(3000)"}, "node src/index.js", "likely"),
        ({}, {"Procfile": "web: node serve.js --fast\n"}, "node serve.js --fast", "certain"),
    ],
)
def test_the_start_command(manifest: dict[str, object], files: dict[str, str], start: str, confidence: str) -> None:
    component = only({"package.json": package(**manifest), **files})
    assert (" ".join(component.start), component.confidence) == (start, confidence)


@pytest.mark.parametrize(
    ("manifest", "files"),
    [
        ({"main": "index.js"}, {"index.js": "module.exports = 1"}),
        ({"workspaces": ["packages/*"]}, {}),
        ({"scripts": {"start": "webpack serve"}}, {"Gemfile": ""}),
        ({}, {"Procfile": "web: bundle exec rails server\n"}),
    ],
)
def test_a_package_that_serves_nothing_is_no_component(manifest: dict[str, object], files: dict[str, str]) -> None:
    assert read({"package.json": package(**manifest), **files}).unknown


@pytest.mark.parametrize(
    ("manifest", "files", "output"),
    [
        ({"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}}, {"index.html": ""}, "dist"),
        (
            {"scripts": {"start": "vite", "build": "vite build"}, "devDependencies": {"vite": "7"}},
            {"index.html": "", "vite.config.ts": "export default {build: {outDir: 'site'}}"},
            "site",
        ),
        ({"scripts": {"build": "react-scripts build"}, "dependencies": {"react-scripts": "5"}}, {}, "build"),
        (
            {"scripts": {"build": "next build", "start": "next start"}, "dependencies": {"next": "15"}},
            {"next.config.mjs": "export default {output: 'export'}"},
            "out",
        ),
        ({"scripts": {"build": "astro build"}, "dependencies": {"astro": "5"}}, {}, "dist"),
    ],
)
def test_a_build_that_only_leaves_files_is_a_site(
    manifest: dict[str, object], files: dict[str, str], output: str
) -> None:
    component = only({"package.json": package(**manifest), **files})
    assert (component.role, component.output, component.start, component.port) == (Role.SITE, output, (), 8080)


def test_services_of_a_workspace_are_components() -> None:
    reading = read(
        {
            "package.json": package(workspaces=["packages/*"]),
            "packages/api/package.json": package(scripts=START),
            "packages/lib/package.json": package(main="index.js"),
            "packages/lib/index.js": "module.exports = {}",
        }
    )
    assert [component.root for component in reading.components] == ["packages/api"]


@pytest.mark.parametrize(
    ("engines", "files", "version", "file"),
    [
        (">=18", {}, "22", ""),
        ("^20 || ^24", {}, "24", ""),
        ("18 - 22", {}, "22", ""),
        (">=16 <19", {}, "16", ""),
        ("", {".nvmrc": "v22.11.0\n"}, "22", ".nvmrc"),
        ("", {".nvmrc": "lts/*\n"}, "", ""),
    ],
)
def test_the_version(engines: str, files: dict[str, str], version: str, file: str) -> None:
    component = only({"package.json": package(scripts=START, engines={"node": engines}), **files})
    assert (component.version, component.version_file) == (version, file)


def test_port_and_settings() -> None:
    source = (
        "const port = Number(process.env.PORT ?? '8123')\nconst key = process.env.API_KEY\n"
        "const to = process.env['UPSTREAM'] || 'http://x'\nprocess.env.WRITTEN = 'y'\n"
    )
    component = only({"package.json": package(scripts=START), "s.js": source})
    assert component.port == 8123
    assert [(setting.name, setting.default, setting.secret) for setting in component.settings] == [
        ("API_KEY", None, True),
        ("UPSTREAM", "'http://x'", False),
    ]
