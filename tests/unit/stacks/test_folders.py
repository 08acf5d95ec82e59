"""Which folders are components, what belongs to each, what they are called, and what is fetched for it."""

import pytest

from onboarding import stacks
from onboarding.stacks.choosing import MAX_FETCHED, MAX_FOLDERS, MAX_SOURCES
from tests.unit.stacks.repository import only, read

MAIN = "import os\nif __name__ == '__main__': ...\n"


def service(folder: str, source: str = MAIN) -> dict[str, str]:
    return {f"{folder}/requirements.txt": "", f"{folder}/app.py": source}


def test_what_belongs_to_a_deeper_component_does_not_colour_its_parent() -> None:
    found = read({"requirements.txt": "", "app.py": MAIN, **service("api", f"{MAIN}X = os.environ['OF_THE_API']")})
    settings = {one.root: [setting.name for setting in one.settings] for one in found.components}
    assert settings == {"": [], "api": ["OF_THE_API"]}


@pytest.mark.parametrize(
    "folder",
    ["node_modules/x", "vendor/x", ".venv/lib", "tests/fixtures", "docs", "examples/a", ".github/x", "a/b/c/d/e"],
)
def test_what_is_not_the_teams_own_service_is_passed_over(folder: str) -> None:
    assert read(service(folder)).unknown
    assert stacks.wanted(sorted(service(folder))) == ()


def test_names_are_labels_and_each_once() -> None:
    folders = ("a/web", "b/web", "b-web", "Grüße_1", "42", "x" * 70)
    found = read({path: text for folder in folders for path, text in service(folder).items()})
    assert len({one.name for one in found.components}) == 6
    for one in found.components:
        assert one.name.strip("abcdefghijklmnopqrstuvwxyz0123456789-") == ""
        assert one.name[0].isalpha()
        assert len(one.name) <= 50


def test_the_repositorys_name_is_that_of_its_root() -> None:
    assert only({"Dockerfile": "FROM scratch\n"}, "My.Service_2").name == "my-service-2"


def test_the_files_that_we_would_write_are_fetched() -> None:
    ours = [".github/workflows/onramp.yml", "deploy/api/service.yaml", "api/.dockerignore", "api/Dockerfile"]
    assert set(ours) <= set(stacks.wanted([*ours, *service("api")]))


def test_a_list_of_what_to_ignore_is_seen() -> None:
    assert only({**service("api"), "api/.dockerignore": "x"}).ignore_file == "api/.dockerignore"
    assert only(service("api")).ignore_file == ""


def test_fetching_is_bounded_and_manifests_come_first() -> None:
    paths = [path for number in range(MAX_FOLDERS + 10) for path in service(f"s{number:02}")]
    paths += [f"s00/module{number}.py" for number in range(50)]
    wanted = stacks.wanted(paths)
    assert len(wanted) == MAX_FETCHED
    manifests = [path.endswith("requirements.txt") for path in wanted]
    assert manifests == [True] * MAX_FOLDERS + [False] * (MAX_FETCHED - MAX_FOLDERS)
    assert len([path for path in wanted if path.startswith("s00/") and path.endswith(".py")]) <= MAX_SOURCES
    assert any(f"{MAX_FOLDERS + 10} folders" in one for one in read(dict.fromkeys(paths, MAIN)).warnings)


def test_what_lies_aside_counts_where_a_workspace_names_it() -> None:
    crate = {"Cargo.toml": '[package]\nname = "billing"\n', "src/main.rs": "fn main() {}"}
    member = {f"examples/billing/{path}": text for path, text in crate.items()}
    named = read({"Cargo.toml": '[workspace]\nmembers = ["examples/*"]\n', **member})
    assert [one.root for one in named.components] == ["examples/billing"]
    assert not read({"Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n', **member}).components


def test_entry_points_are_fetched_before_what_lies_beside_them() -> None:
    paths = ["requirements.txt", *(f"a{number}.py" for number in range(20)), "main.py", "pkg/__main__.py", "test_x.py"]
    assert stacks.wanted(paths)[1:3] == ("main.py", "pkg/__main__.py")
    assert "test_x.py" not in stacks.wanted(paths)


def test_two_languages_in_one_folder_the_surer_one_counts() -> None:
    found = only({"requirements.txt": "", "Procfile": "web: python app.py\n", "package.json": "{}", "app.py": MAIN})
    assert found.family == "python"
    both = {"requirements.txt": "", "app.py": MAIN, "package.json": '{"scripts": {"start": "node s.js"}}'}
    assert only(both).family == "node"
    assert only(both).alternatives == ("python: python app.py",)


def test_the_same_files_in_another_order_are_the_same() -> None:
    files = {**service("b"), **service("a"), "Dockerfile": "FROM scratch\nCMD x\n"}
    paths = sorted(files)
    assert stacks.read(paths, files, "x") == stacks.read(paths[::-1], dict(reversed(files.items())), "x")
