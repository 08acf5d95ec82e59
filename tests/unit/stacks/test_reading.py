"""Reading repositories: components with evidence, unknown ones with a reason, and warnings."""

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
    files = {"requirements.txt": "", "app.py": SERVICE, "test_app.py": "", ".python-version": "3.11.7\n"}
    component = only(files, "Parcel_Tracker")
    assert (component.name, component.family) == ("parcel-tracker", "python")
    assert (component.version, component.version_file) == ("3.11", ".python-version")
    assert component.start == ("python", "app.py")
    assert component.test == ("python", "-m", "unittest", "discover")
    assert (component.port, component.health_path, component.metrics_path) == (9123, "/healthz", "/metrics")
    assert [(setting.name, setting.default, setting.secret) for setting in component.settings] == [
        ("CITY", '"Oslo"', False),
        ("UPSTREAM_TOKEN", None, True),
    ]
    port = next(evidence for evidence in component.evidence if "9123" in evidence.message)
    assert (port.path, port.line) == ("app.py", 6)


def test_a_procfile_overrides_a_guess() -> None:
    component = only({"requirements.txt": "", "app.py": SERVICE, "Procfile": "web: python -m shop.serve --fast\n"})
    assert component.start == ("python", "-m", "shop.serve", "--fast")
    assert component.confidence == "certain"


def test_a_procfile_that_needs_a_shell_gets_one() -> None:
    assert only({"requirements.txt": "", "Procfile": "web: python app.py --port $PORT\n"}).start[:2] == ("sh", "-c")


def test_a_node_service() -> None:
    manifest = {"scripts": {"start": "node server.js", "test": "node --test"}, "engines": {"node": ">=20"}}
    component = only({"package.json": json.dumps(manifest), "server.js": "server.listen(process.env.PORT || 8081)"})
    assert (component.family, component.port) == ("node", 8081)
    assert component.version == "22", "the oldest version that is allowed and still gets fixes"
    assert component.start == ("node", "server.js"), "npm in between would swallow the signals"
    assert component.test == ("npm", "test")


def test_a_library_is_no_component() -> None:
    assert read(
        {"package.json": json.dumps({"name": "left", "main": "index.js"}), "index.js": "module.exports = 1"}
    ).unknown


def test_a_monorepo_has_a_component_per_service() -> None:
    reading = read(
        {
            "api/requirements.txt": "",
            "api/main.py": SERVICE,
            "web/package.json": json.dumps({"scripts": {"start": "node s.js"}}),
            "web/s.js": "",
            "web/node_modules/x/package.json": json.dumps({"scripts": {"start": "evil"}}),
            "docs/readme.md": "",
        }
    )
    assert [(component.name, component.root, component.family) for component in reading.components] == [
        ("api", "api", "python"),
        ("web", "web", "node"),
    ]


def test_the_container_file_decides() -> None:
    component = only({"Dockerfile": 'FROM scratch\nEXPOSE 9000\nENTRYPOINT ["/srv"]\nCMD ["--now"]\n'})
    assert (component.family, component.container_file, component.port) == ("dockerfile", "Dockerfile", 9000)
    assert component.start == ("/srv", "--now")


def test_an_unknown_repository_has_a_reason_and_the_considered_files() -> None:
    reading = read({"Makefile": "all:", "src/ledger.pli": ""})
    assert reading.components == ()
    assert reading.unknown is not None
    assert "Makefile" in reading.unknown.looked_at
    assert "Dockerfile" in reading.unknown.reason


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"requirments.txt": "", "pyproject.toml": ""}, "misspelt"),
        ({"package.json": "{", "server.js": ""}, "cannot be read"),
        ({"pyproject.toml": "[project\n", "app.py": SERVICE}, "cannot be read"),
        ({"package.json": json.dumps([1])}, "does not have the structure"),
        (
            {"package.json": json.dumps({"scripts": {"start": "x"}}), "yarn.lock": "", "package-lock.json": ""},
            "several package managers",
        ),
        ({"requirements.txt": "", "Procfile": "web: python 'app\n"}, "cannot be read"),
    ],
)
def test_a_problem_gets_a_warning_before_it_costs_a_build(files: dict[str, str], message: str) -> None:
    assert any(message in warning for warning in read(files).warnings)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("node_modules/x/index.js", "node_modules is committed"),
        ("web/node_modules/x/index.js", "web/node_modules is committed"),
        (".venv/pyvenv.cfg", ".venv is committed"),
        (".env", ".env is committed"),
        ("api/.env.production", "api/.env.production is committed"),
    ],
)
def test_committed_packages_and_secrets_get_a_warning(path: str, message: str) -> None:
    warnings = read({"requirements.txt": "", "app.py": SERVICE, path: ""}).warnings
    assert any(message in warning for warning in warnings)


def test_an_example_of_an_environment_is_no_secret() -> None:
    reading = read({"requirements.txt": "", "app.py": SERVICE, ".env.example": "", "env/settings.py": ""})
    assert not any("is committed" in warning for warning in reading.warnings)


def test_a_stale_lock_file_of_npm_gets_a_warning() -> None:
    manifest = {"scripts": {"start": "node s.js"}, "dependencies": {"koa": "^3"}}
    for locked, stale in (({"koa": "^3"}, False), ({"koa": "^2"}, True), ({}, True)):
        lock = json.dumps({"lockfileVersion": 3, "packages": {"": {"dependencies": locked}}})
        reading = read({"package.json": json.dumps(manifest), "package-lock.json": lock})
        assert any("npm ci will fail" in warning for warning in reading.warnings) == stale
