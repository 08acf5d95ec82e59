"""Reading repositories: what is found, with its evidence."""

import json

import pytest

from tests.unit.stacks.repository import only, read

SERVICE = """
import os
from http.server import HTTPServer
TOKEN = os.environ["UPSTREAM_TOKEN"]
CITY = os.environ.get("CITY", "Oslo")
PORT = int(os.environ.get("PORT", "9123"))
ROUTES = ("/healthz", "/metrics", "/")
if __name__ == "__main__":
    HTTPServer(("", PORT), None).serve_forever()
"""


def test_a_python_service_with_its_evidence() -> None:
    found = only(
        {"requirements.txt": "", "app.py": SERVICE, "test_app.py": "", ".python-version": "3.11.7\n"}, "Parcel_Tracker"
    )
    assert (found.name, found.family, found.version, found.version_file) == (
        "parcel-tracker",
        "python",
        "3.11",
        ".python-version",
    )
    assert found.start == ("python", "app.py")
    assert found.test == ("python", "-m", "unittest", "discover")
    assert (found.port, found.health_path, found.metrics_path) == (9123, "/healthz", "/metrics")
    assert [(one.name, one.default, one.secret) for one in found.settings] == [
        ("CITY", '"Oslo"', False),
        ("UPSTREAM_TOKEN", None, True),
    ]
    port = next(one for one in found.evidence if "9123" in one.says)
    assert (port.path, port.line) == ("app.py", 6)


def test_a_procfile_is_believed_before_a_guess() -> None:
    found = only({"requirements.txt": "", "app.py": SERVICE, "Procfile": "web: python -m shop.serve --fast\n"})
    assert found.start == ("python", "-m", "shop.serve", "--fast")
    assert found.confidence == "certain"


def test_a_procfile_that_needs_a_shell_gets_one() -> None:
    assert only({"requirements.txt": "", "Procfile": "web: python app.py --port $PORT\n"}).start[:2] == ("sh", "-c")


def test_a_node_service() -> None:
    manifest = {"scripts": {"start": "node server.js", "test": "node --test"}, "engines": {"node": ">=20"}}
    found = only({"package.json": json.dumps(manifest), "server.js": "server.listen(process.env.PORT || 8081)"})
    assert (found.family, found.version, found.port) == ("node", "22", 8081), (
        "the oldest that is allowed and still gets fixes"
    )
    assert found.start == ("node", "server.js"), "npm in between would swallow the signals"
    assert found.test == ("npm", "test")


def test_a_library_is_no_component() -> None:
    assert read(
        {"package.json": json.dumps({"name": "left", "main": "index.js"}), "index.js": "module.exports = 1"}
    ).unknown


def test_a_monorepo_has_a_component_per_service() -> None:
    found = read(
        {
            "api/requirements.txt": "",
            "api/main.py": SERVICE,
            "web/package.json": json.dumps({"scripts": {"start": "node s.js"}}),
            "web/s.js": "",
            "web/node_modules/x/package.json": json.dumps({"scripts": {"start": "evil"}}),
            "docs/readme.md": "",
        }
    )
    assert [(one.name, one.root, one.family) for one in found.components] == [
        ("api", "api", "python"),
        ("web", "web", "node"),
    ]


def test_its_own_container_file_decides() -> None:
    found = only({"Dockerfile": 'FROM scratch\nEXPOSE 9000\nENTRYPOINT ["/srv"]\nCMD ["--now"]\n'})
    assert (found.family, found.container_file, found.port) == ("dockerfile", "Dockerfile", 9000)
    assert found.start == ("/srv", "--now")


def test_what_nobody_can_identify_is_unknown_and_says_what_was_looked_at() -> None:
    found = read({"Makefile": "all:", "src/ledger.pli": ""})
    assert found.components == ()
    assert found.unknown is not None
    assert "Makefile" in found.unknown.looked_at
    assert "Dockerfile" in found.unknown.reason


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"requirments.txt": "", "pyproject.toml": ""}, "misspelt"),
        ({"package.json": "{", "server.js": ""}, "cannot be read"),
        ({"pyproject.toml": "[project\n", "app.py": SERVICE}, "cannot be read"),
        ({"package.json": json.dumps([1])}, "is not what"),
        (
            {"package.json": json.dumps({"scripts": {"start": "x"}}), "yarn.lock": "", "package-lock.json": ""},
            "beside each other",
        ),
        ({"requirements.txt": "", "Procfile": "web: python 'app\n"}, "cannot be read"),
    ],
)
def test_trouble_is_said_before_it_costs_a_build(files: dict[str, str], says: str) -> None:
    assert any(says in warning for warning in read(files).warnings)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("node_modules/x/index.js", "node_modules is committed"),
        ("web/node_modules/x/index.js", "web/node_modules is committed"),
        (".venv/pyvenv.cfg", ".venv is committed"),
        (".env", ".env is committed"),
        ("api/.env.production", "api/.env.production is committed"),
    ],
)
def test_what_should_not_be_committed_is_said(path: str, says: str) -> None:
    assert any(says in one for one in read({"requirements.txt": "", "app.py": SERVICE, path: ""}).warnings)


def test_an_example_of_an_environment_is_no_secret() -> None:
    found = read({"requirements.txt": "", "app.py": SERVICE, ".env.example": "", "env/settings.py": ""})
    assert not any("is committed" in one for one in found.warnings)


def test_a_lock_file_of_another_day_is_said() -> None:
    manifest = {"scripts": {"start": "node s.js"}, "dependencies": {"koa": "^3"}}
    for locked, stale in (({"koa": "^3"}, False), ({"koa": "^2"}, True), ({}, True)):
        lock = json.dumps({"lockfileVersion": 3, "packages": {"": {"dependencies": locked}}})
        found = read({"package.json": json.dumps(manifest), "package-lock.json": lock})
        assert any("npm ci will refuse" in one for one in found.warnings) == stale
