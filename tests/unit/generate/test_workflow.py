"""The generated workflow: checked by its schema and a security lint; its script runs with real git."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
import yaml

import generate
from bench.judging import judges
from generate.pinned_actions import PinnedAction
from generate.scripts import CHANGED
from tests.unit.generate.proposals import STACKS, WORKFLOW, generated, monorepo


def jobs(files: dict[str, str], **placement: object) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(generated(files, **placement)[WORKFLOW])["jobs"]
    return document


def commands(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def findings(path: Path, *command: str) -> str:
    """The output of a program that rejects the file; empty if it accepts it."""
    program = str(Path(sys.executable).parent / command[0])
    result = subprocess.run([program, *command[1:], str(path)], capture_output=True, text=True, check=False)
    return "" if result.returncode == 0 else result.stdout + result.stderr


@pytest.fixture(scope="module")
def workflow_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("monorepo") / WORKFLOW
    path.parent.mkdir(parents=True)
    path.write_text(
        generated(monorepo(), cluster_ca="-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n")[WORKFLOW]
    )
    return path


def test_the_schema_accepts_a_monorepo_of_all_stacks(workflow_file: Path) -> None:
    assert not findings(workflow_file, "check-jsonschema", "--builtin-schema", "vendor.github-workflows")


def test_the_security_lint_accepts_all_stacks(workflow_file: Path) -> None:
    assert not findings(workflow_file, "zizmor", "--offline", "--persona", "auditor", "--no-progress")


def test_every_job_has_least_permissions_a_timeout_and_pinned_actions() -> None:
    text = generated(monorepo())[WORKFLOW]
    document = yaml.safe_load(text)
    assert document["permissions"] == {}
    for job in document["jobs"].values():
        assert job["timeout-minutes"] <= 20
        assert job["permissions"]["contents"] == "read"
        for step in job["steps"]:
            assert len(step["uses"].partition("@")[2]) == 40 if "uses" in step else "${{" not in step["run"]
    assert "secrets." not in text.replace("secrets.GITHUB_TOKEN", "")


def test_tests_run_before_images_and_images_before_deployment() -> None:
    document = jobs(monorepo())
    assert document["deploy-pip"]["needs"] == "image-pip"
    assert document["image-pip"]["needs"] == "test-pip"
    assert document["test-pip"]["needs"] == "changes"


@pytest.mark.parametrize("stack", STACKS)
def test_a_single_component_has_a_test_an_image_and_a_deployment(stack: str) -> None:
    document = jobs(STACKS[stack])
    test, image, deploy = document
    name = test.removeprefix("test-")
    assert (image, deploy) == (f"image-{name}", f"deploy-{name}")
    assert document[image]["needs"] == test
    assert document[deploy]["needs"] == image


def test_shellcheck_accepts_the_scripts_of_all_stacks(workflow_file: Path, tmp_path: Path) -> None:
    assert judges.shellcheck([workflow_file], tmp_path) == []


@pytest.mark.parametrize(
    ("stack", "runs"),
    [
        ("pip", ["python -m pip install --requirement requirements.txt", "python -m unittest discover"]),
        ("uv", ["python -m pip install uv==*", "uv sync --locked", "uv run --no-sync python -m unittest discover"]),
        ("poetry", ["python -m pip install poetry==*", "poetry install", "poetry run python -m unittest discover"]),
        ("npm", ["npm ci", "npm run build", "npm test"]),
        ("pnpm", ["corepack enable", "pnpm install --frozen-lockfile", "pnpm run build", "pnpm run test"]),
        ("node-bare", ["echo 'No tests found for shop.'"]),
    ],
)
def test_the_commands_of_a_test_job(stack: str, runs: list[str]) -> None:
    assert [re.sub(r"==[\d.]+", "==*", each) for each in commands(jobs(STACKS[stack])["test-shop"])] == runs


@pytest.mark.parametrize(
    ("stack", "version"),
    [
        (
            "pip",
            {"python-version-file": ".python-version", "cache": "pip", "cache-dependency-path": "requirements.txt"},
        ),
        ("uv", {"python-version": "3.12"}),
        ("npm", {"node-version-file": ".nvmrc", "cache": "npm", "cache-dependency-path": "package-lock.json"}),
        ("yarn", {"node-version": "22", "cache": "yarn", "cache-dependency-path": "yarn.lock"}),
    ],
)
def test_the_version_comes_from_the_repository(stack: str, version: dict[str, str]) -> None:
    steps = jobs(STACKS[stack])["test-shop"]["steps"]
    (setup,) = [step for step in steps if "actions/setup-" in step.get("uses", "")]
    assert setup["with"] == version


def test_a_default_version_has_a_comment() -> None:
    assert "node-version: '24' # the repository specifies no version" in generated(STACKS["node-bare"])[WORKFLOW]


def test_every_action_has_a_pinned_commit_and_its_version_as_a_comment() -> None:
    modules = [import_module(f"generate.{module.name}") for module in iter_modules(generate.__path__)]
    declared = [value for module in modules for value in vars(module).values()]
    pinned = {each.name: (each.commit, each.version) for each in declared if isinstance(each, PinnedAction)}
    used = re.findall(r"uses: (\S+)@([0-9a-f]{40}) # (\S+)\n", generated(monorepo())[WORKFLOW])
    assert {name: (commit, version) for name, commit, version in used} == pinned
    assert len(used) == generated(monorepo())[WORKFLOW].count("uses:")


def test_only_the_default_branch_pushes_and_deploys() -> None:
    document = jobs(STACKS["pip"], default_branch="it's")
    steps = {step.get("id", step.get("uses", "").partition("@")[0]): step for step in document["image-shop"]["steps"]}
    assert steps["build"]["with"]["push"] == "${{ github.event_name == 'push' }}"
    assert steps["docker/login-action"]["if"] == "github.event_name == 'push'"
    assert document["deploy-shop"]["if"].endswith("github.ref == 'refs/heads/it''s'")


def test_a_branch_name_that_looks_like_a_pattern_is_escaped() -> None:
    document = yaml.load(generated(STACKS["pip"], default_branch="a+b!]")[WORKFLOW], Loader=yaml.BaseLoader)  # noqa: S506 - texts only, and our own file
    assert document["on"]["push"]["branches"] == ["a\\+b\\!\\]"]


def test_pushes_run_independently_but_deployments_one_at_a_time() -> None:
    document = yaml.safe_load(generated(STACKS["pip"])[WORKFLOW])
    assert "github.sha" in document["concurrency"]["group"]
    assert document["jobs"]["deploy-shop"]["concurrency"] == {
        "group": "onramp-deploy-shop",
        "cancel-in-progress": False,
    }


def test_scripts_contain_no_expressions() -> None:
    for job in jobs(monorepo(), cluster_ca="x").values():
        assert not [each for each in commands(job) if "${{" in each]


def test_the_comment_of_a_value_does_not_change_it() -> None:
    permissions = jobs(STACKS["pip"])["deploy-shop"]["permissions"]
    assert permissions == {"contents": "read", "id-token": "write"}


class Checkout:
    """A repository with the folders api and web, and the script that finds what changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")
        self.first = self.commit("api/a.py", "web/w.js", "shared/s.py", "README.md", "deploy/web/service.yaml")

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
        result = subprocess.run(
            ["git", *identity, *arguments], cwd=self.folder, check=True, capture_output=True, text=True
        )
        return result.stdout.strip()

    def commit(self, *paths: str) -> str:
        for path in paths:
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{file.read_text() if file.exists() else ''}more\n")
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", "more")
        return self.git("rev-parse", "HEAD")

    def changed(self, base: str, components: str = "api=api\nweb=web") -> dict[str, str]:
        output = self.folder.parent / "output"
        output.write_text("")
        environment = {"PATH": "/usr/bin:/bin", "BASE": base, "COMPONENTS": components, "GITHUB_OUTPUT": str(output)}
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", CHANGED]
        subprocess.run(shell, cwd=self.folder, env=environment, check=True, capture_output=True)
        return dict(line.split("=") for line in output.read_text().splitlines())


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    (tmp_path / "repository").mkdir()
    return Checkout(tmp_path / "repository")


@pytest.mark.parametrize(
    ("paths", "api", "web"),
    [
        (["api/a.py"], "true", "false"),
        (["api/deep/er/b.py"], "true", "false"),
        (["deploy/web/service.yaml"], "false", "true"),
        (["api/a.py", "web/w.js"], "true", "true"),
        (["shared/s.py"], "true", "true"),
        ([WORKFLOW], "true", "true"),
        (["README.md"], "false", "false"),
        (["apiary/x.py"], "true", "true"),
        (["deploy/other/x.yaml"], "false", "false"),
        (["api/Grüße.py"], "true", "false"),
    ],
)
def test_changed_components_are_found_with_git(checkout: Checkout, paths: list[str], api: str, web: str) -> None:
    checkout.commit(*paths)
    assert checkout.changed(checkout.first) == {"api": api, "web": web}


@pytest.mark.parametrize("base", ["0" * 40, "", "1234567890123456789012345678901234567890", "--help"])
def test_everything_is_built_if_there_is_nothing_to_compare_with(checkout: Checkout, base: str) -> None:
    assert checkout.changed(base) == {"api": "true", "web": "true"}


def test_a_component_at_the_root_changes_with_every_file_except_markdown(checkout: Checkout) -> None:
    checkout.commit("main.py")
    assert checkout.changed(checkout.first, "shop=.\nweb=web") == {"shop": "true", "web": "false"}
