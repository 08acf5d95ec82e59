"""Which folders are components, which files belong to each, their names, and the files that are fetched."""

import pytest

import stacks
from stacks.candidates import MAX_FOLDERS
from stacks.choosing import MAX_FETCHED, MAX_SOURCES
from tests.unit.stacks.repository import only, read

MAIN = "import os\nif __name__ == '__main__': ...\n"


def service(folder: str, source: str = MAIN) -> dict[str, str]:
    return {f"{folder}/requirements.txt": "", f"{folder}/app.py": source}


def test_files_of_a_deeper_component_do_not_affect_its_parent() -> None:
    reading = read({"requirements.txt": "", "app.py": MAIN, **service("api", f"{MAIN}X = os.environ['OF_THE_API']")})
    settings = {each.root: [setting.name for setting in each.settings] for each in reading.components}
    assert settings == {"": [], "api": ["OF_THE_API"]}


@pytest.mark.parametrize(
    "folder",
    ["node_modules/x", "vendor/x", ".venv/lib", "tests/fixtures", "docs", "examples/a", ".github/x", "a/b/c/d/e"],
)
def test_folders_of_dependencies_tests_and_docs_are_skipped(folder: str) -> None:
    assert read(service(folder)).unknown
    assert stacks.wanted(sorted(service(folder))) == ()


def test_names_are_unique_labels() -> None:
    folders = ("a/web", "b/web", "b-web", "Grüße_1", "42", "x" * 70)
    reading = read({path: text for folder in folders for path, text in service(folder).items()})
    names = [component.name for component in reading.components]
    assert len(set(names)) == 6
    for name in names:
        assert name.strip("abcdefghijklmnopqrstuvwxyz0123456789-") == ""
        assert name[0].isalpha()
        assert len(name) <= 50


def test_a_component_at_the_root_has_the_name_of_the_repository() -> None:
    assert only({"Dockerfile": "FROM scratch\n"}, "My.Service_2").name == "my-service-2"


def test_files_that_onramp_would_write_are_fetched() -> None:
    ours = [".github/workflows/onramp.yml", "deploy/api/service.yaml", "api/.dockerignore", "api/Dockerfile"]
    assert set(ours) <= set(stacks.wanted([*ours, *service("api")]))


def test_an_ignore_file_is_found() -> None:
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
    assert any(f"{MAX_FOLDERS + 10} folders" in warning for warning in read(dict.fromkeys(paths, MAIN)).warnings)


def test_an_example_counts_if_a_workspace_names_it() -> None:
    crate = {"Cargo.toml": '[package]\nname = "billing"\n', "src/main.rs": "fn main() {}"}
    member = {f"examples/billing/{path}": text for path, text in crate.items()}
    named = read({"Cargo.toml": '[workspace]\nmembers = ["examples/*"]\n', **member})
    assert [component.root for component in named.components] == ["examples/billing"]
    assert not read({"Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n', **member}).components


def test_entry_points_are_fetched_before_other_sources() -> None:
    paths = ["requirements.txt", *(f"a{number}.py" for number in range(20)), "main.py", "pkg/__main__.py", "test_x.py"]
    assert stacks.wanted(paths)[1:3] == ("main.py", "pkg/__main__.py")
    assert "test_x.py" not in stacks.wanted(paths)


def test_the_surer_of_two_languages_in_one_folder_wins() -> None:
    component = only({"requirements.txt": "", "Procfile": "web: python app.py\n", "package.json": "{}", "app.py": MAIN})
    assert component.family == "python"
    both = {"requirements.txt": "", "app.py": MAIN, "package.json": '{"scripts": {"start": "node s.js"}}'}
    assert only(both).family == "node"
    assert only(both).alternatives == ("python: python app.py",)


def test_the_order_of_files_does_not_matter() -> None:
    files = {**service("b"), **service("a"), "Dockerfile": "FROM scratch\nCMD x\n"}
    paths = sorted(files)
    assert stacks.read(paths, files, "x") == stacks.read(paths[::-1], dict(reversed(files.items())), "x")
