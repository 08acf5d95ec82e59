"""Reading repositories: what is found, with its evidence, and what hostile content does (nothing)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding import stacks
from onboarding.stacks import Component, Reading

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


def read(files: dict[str, str], name: str = "thing") -> Reading:
    paths = sorted(files)
    return stacks.read(paths, {path: files[path] for path in stacks.wanted(paths)}, name)


def one(files: dict[str, str], name: str = "thing") -> Component:
    found = read(files, name)
    assert len(found.components) == 1, found
    return found.components[0]


def test_a_python_service_with_its_evidence() -> None:
    found = one(
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
    found = one({"requirements.txt": "", "app.py": SERVICE, "Procfile": "web: python -m shop.serve --fast\n"})
    assert found.start == ("python", "-m", "shop.serve", "--fast")
    assert found.confidence == "certain"


def test_a_procfile_that_needs_a_shell_gets_one() -> None:
    assert one({"requirements.txt": "", "Procfile": "web: python app.py --port $PORT\n"}).start[:2] == ("sh", "-c")


def test_a_node_service() -> None:
    manifest = {"scripts": {"start": "node server.js", "test": "node --test"}, "engines": {"node": ">=20"}}
    found = one({"package.json": json.dumps(manifest), "server.js": "server.listen(process.env.PORT || 8081)"})
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
    found = one({"Dockerfile": 'FROM scratch\nEXPOSE 9000\nENTRYPOINT ["/srv"]\nCMD ["--now"]\n'})
    assert (found.family, found.container_file, found.port) == ("dockerfile", "Dockerfile", 9000)
    assert found.start == ("/srv", "--now")


def test_what_nobody_can_identify_is_unknown_and_says_what_was_looked_at() -> None:
    found = read({"Makefile": "all:", "src/ledger.cob": ""})
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


def test_deep_nesting_is_a_warning_and_no_crash() -> None:
    found = read({"package.json": "[" * 100_000})
    assert any("package.json" in warning for warning in found.warnings)


def test_an_expression_from_a_repository_never_gets_through() -> None:
    manifest = json.dumps({"scripts": {"start": "node ${{ secrets.TOKEN }}"}})
    found = read({"requirements.txt": "", "Procfile": "web: python ${{secrets.X}}\n", "w/package.json": manifest})
    assert all("${{" not in word for one in found.components for word in one.start)
    assert any("left out" in warning for warning in found.warnings)


NAMES = st.text(st.characters(exclude_characters="\x00"), min_size=1, max_size=40)


@given(
    st.dictionaries(
        st.one_of(NAMES, st.sampled_from(["package.json", "Procfile", "app.py", "requirements.txt", "a/Dockerfile"])),
        NAMES,
        max_size=6,
    ),
    NAMES,
)
def test_no_content_makes_reading_fail(files: dict[str, str], name: str) -> None:
    found = read(files, name)
    for component in found.components:
        assert component.name.replace("-", "").isalnum()
        assert component.name.isascii()
        assert 0 < len(component.name) <= 63
        assert "${{" not in component.root
