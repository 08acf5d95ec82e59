"""A lock file of another day, before it costs a build: the heads of real lock files, and what they stand beside."""

import pytest

from onboarding.stacks import LOCKS
from tests.unit.stacks.repository import read

PACKAGE = '{"scripts": {"start": "node s.js"}, "dependencies": {"express": "^4", "own": "workspace:*"}, "devDependencies": {"@types/node": "22"}}'
PROJECT = '[project]\nname = "x"\ndependencies = ["Flask_SQLAlchemy>=3", "ruamel.yaml"]\n'
PACKAGES = '[[package]]\nname = "flask-sqlalchemy"\n\n[[package]]\nname = "ruamel-yaml"\n'
CASES: dict[str, tuple[dict[str, str], str, str, str]] = {
    # lock file → files beside it, what it holds, a package of it, how that is called in the manifest
    "pnpm-lock.yaml": (
        {"package.json": PACKAGE, "s.js": ""},
        "importers:\n\n  .:\n    dependencies:\n      express:\n        specifier: ^4\n    devDependencies:\n      '@types/node':\n        specifier: '22'\n",
        "      express:\n", "express",
    ),
    "yarn.lock": ({"package.json": PACKAGE, "s.js": ""}, '# yarn lockfile v1\n\n"@types/node@22":\n  version "22.1"\n\nexpress@^4:\n  version "4.1"\n', "express@^4:", "express"),
    "bun.lock": ({"package.json": PACKAGE, "s.js": ""}, '{\n  "packages": {\n    "@types/node": [],\n    "express": [],\n  }\n}\n', '    "express": [],\n', "express"),
    "uv.lock": ({"pyproject.toml": PROJECT, "app.py": ""}, PACKAGES, 'name = "ruamel-yaml"', "ruamel-yaml"),
    "poetry.lock": (
        {"pyproject.toml": "[tool.poetry.dependencies]\npython = '^3.11'\nflask-sqlalchemy = '*'\nruamel-yaml = '*'\n", "app.py": ""},
        PACKAGES, 'name = "ruamel-yaml"', "ruamel-yaml",
    ),
    "pdm.lock": ({"pyproject.toml": PROJECT, "app.py": ""}, PACKAGES, 'name = "ruamel-yaml"', "ruamel-yaml"),
    "Pipfile.lock": ({"Pipfile": '[packages]\nflask = "*"\nredis = "*"\n', "app.py": ""}, '{\n    "default": {\n        "flask": {\n        },\n        "redis": {\n        }\n    }\n}\n', '"redis": {', "redis"),
    "Gemfile.lock": (
        {"Gemfile": "source 'https://rubygems.org'\ngem 'sinatra', '~> 4'\ngem 'puma'\n", "app.rb": ""},
        "GEM\n  specs:\n    puma (6.5.0)\n    sinatra (4.1.1)\n\nDEPENDENCIES\n  puma\n  sinatra (~> 4)\n", "puma", "puma",
    ),
    "composer.lock": (
        {"composer.json": '{"require": {"php": "^8.3", "ext-json": "*", "slim/slim": "^4", "monolog/monolog": "^3"}}', "public/index.php": ""},
        '{\n    "packages": [\n        {\n            "name": "monolog/monolog",\n        {\n            "name": "slim/slim",\n', '"name": "slim/slim"', "slim/slim",
    ),
    "Cargo.lock": (
        {"Cargo.toml": '[package]\nname = "x"\n[dependencies]\nserde = "1"\nmy_time = { package = "time", version = "0.3" }\n', "src/main.rs": ""},
        '[[package]]\nname = "serde"\n\n[[package]]\nname = "time"\n', 'name = "time"', "time",
    ),
    "go.sum": (
        {"go.mod": "module x/y\n\nrequire github.com/gorilla/mux v1.8.1\nrequire example.com/own v1.0.0\nreplace example.com/own => ../own\n", "main.go": ""},
        "github.com/gorilla/mux v1.8.1 h1:abc=\n", "gorilla", "github.com/gorilla/mux",
    ),
}  # fmt: skip


def test_every_lock_file_has_a_case() -> None:
    assert set(CASES) == set(LOCKS)


@pytest.mark.parametrize("lock", CASES)
def test_what_it_lacks_is_said(lock: str) -> None:
    files, held, one, name = CASES[lock]
    fits = [said for said in read({**files, lock: held}).warnings if "does not hold" in said]
    assert fits == []
    assert one in held
    (said,) = [said for said in read({**files, lock: held.replace(one, "other")}).warnings if "does not hold" in said]
    assert said.startswith(f"{lock} does not hold {name}, which ")
    assert "commit what it changes" in said


@pytest.mark.parametrize("lock", CASES)
def test_of_what_was_not_read_nothing_is_said(lock: str) -> None:
    files, *_ = CASES[lock]
    assert not [said for said in read({**files, lock: ""}).warnings if "does not hold" in said]
