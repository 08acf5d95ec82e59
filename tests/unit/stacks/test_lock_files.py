"""A stale lock file gets a warning before it costs a build. The texts are the beginnings of real lock files."""

import pytest

from stacks import LOCKS
from tests.unit.stacks.repository import read

PACKAGE = '{"scripts": {"start": "node s.js"}, "dependencies": {"express": "^4", "own": "workspace:*"}, "devDependencies": {"@types/node": "22"}}'
PROJECT = '[project]\nname = "x"\ndependencies = ["Flask_SQLAlchemy>=3", "ruamel.yaml"]\n'
PACKAGES = '[[package]]\nname = "flask-sqlalchemy"\n\n[[package]]\nname = "ruamel-yaml"\n'
CASES: dict[str, tuple[dict[str, str], str, str, str]] = {
    # lock file → files beside it, its text, a package in it, the name of that package in the manifest
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
def test_a_missing_package_gets_a_warning(lock: str) -> None:
    files, text, package, name = CASES[lock]
    assert _stale(files, lock, text) == []
    assert package in text
    (warning,) = _stale(files, lock, text.replace(package, "other"))
    assert warning.startswith(f"{lock} is out of date: it lacks {name}, required by ")
    assert "commit the result" in warning


@pytest.mark.parametrize("lock", CASES)
def test_an_unread_lock_file_gets_no_warning(lock: str) -> None:
    files, *_ = CASES[lock]
    assert _stale(files, lock, "") == []


def _stale(files: dict[str, str], lock: str, text: str) -> list[str]:
    return [warning for warning in read({**files, lock: text}).warnings if "is out of date" in warning]
