"""The pipeline: judged by the schema and by a security lint, and its script run with real git."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.judging import judges
from onboarding.generate.actions import PINNED
from onboarding.generate.scripts import CHANGED
from tests.unit.generate.proposals import STACKS, WORKFLOW, made, together


def jobs(files: dict[str, str], **placement: object) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(made(files, **placement)[WORKFLOW])["jobs"]
    return found


def commands(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def judged(path: Path, *command: str) -> str:
    program = str(Path(sys.executable).parent / command[0])
    done = subprocess.run([program, *command[1:], str(path)], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.fixture(scope="module")
def monorepo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("monorepo") / WORKFLOW
    path.parent.mkdir(parents=True)
    path.write_text(
        made(together(), cluster_ca="-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n")[WORKFLOW]
    )
    return path


def test_every_stack_together_fits_the_schema(monorepo: Path) -> None:
    assert not judged(monorepo, "check-jsonschema", "--builtin-schema", "vendor.github-workflows")


def test_the_security_lint_finds_nothing_in_any_stack(monorepo: Path) -> None:
    assert not judged(monorepo, "zizmor", "--offline", "--persona", "auditor", "--no-progress")


def test_every_job_has_least_rights_a_timeout_and_pinned_actions() -> None:
    text = made(together())[WORKFLOW]
    document = yaml.safe_load(text)
    assert document["permissions"] == {}
    for job in document["jobs"].values():
        assert job["timeout-minutes"] <= 20
        assert job["permissions"]["contents"] == "read"
        for step in job["steps"]:
            assert len(step["uses"].partition("@")[2]) == 40 if "uses" in step else "${{" not in step["run"]
    assert "secrets." not in text.replace("secrets.GITHUB_TOKEN", "")


def test_tests_before_images_before_deployment() -> None:
    found = jobs(together())
    assert found["deploy-pip"]["needs"] == "image-pip"
    assert found["image-pip"]["needs"] == "test-pip"
    assert found["test-pip"]["needs"] == "changes"


@pytest.mark.parametrize("stack", STACKS)
def test_one_component_alone_has_a_test_an_image_and_a_deployment(stack: str) -> None:
    found = jobs(STACKS[stack])
    test, image, deploy = found
    name = test.removeprefix("test-")
    assert (image, deploy) == (f"image-{name}", f"deploy-{name}")
    assert found[image]["needs"] == test
    assert found[deploy]["needs"] == image


def test_the_scripts_of_all_stacks_are_clean(monorepo: Path, tmp_path: Path) -> None:
    assert judges.shellcheck([monorepo], tmp_path) == []


@pytest.mark.parametrize(
    ("stack", "runs"),
    [
        ("pip", ["python -m pip install --requirement requirements.txt", "python -m unittest discover"]),
        ("uv", ["python -m pip install uv==*", "uv sync --locked", "uv run --no-sync python -m unittest discover"]),
        ("poetry", ["python -m pip install poetry==*", "poetry install", "poetry run python -m unittest discover"]),
        ("npm", ["npm ci", "npm run build", "npm test"]),
        ("pnpm", ["corepack enable", "pnpm install --frozen-lockfile", "pnpm run build", "pnpm run test"]),
        ("node-bare", ["echo 'shop has no tests that could be found.'"]),
    ],
)
def test_what_its_test_job_runs(stack: str, runs: list[str]) -> None:
    assert [re.sub(r"==[\d.]+", "==*", one) for one in commands(jobs(STACKS[stack])["test-shop"])] == runs


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
def test_the_version_is_the_repositorys(stack: str, version: dict[str, str]) -> None:
    (setup,) = [one for one in jobs(STACKS[stack])["test-shop"]["steps"] if "actions/setup-" in one.get("uses", "")]
    assert setup["with"] == version


def test_a_version_that_nobody_names_is_said_to_be_ours() -> None:
    assert "node-version: '24' # the repository names no version" in made(STACKS["node-bare"])[WORKFLOW]


def test_every_action_stands_with_its_commit_and_version() -> None:
    used = re.findall(r"uses: (\S+)@([0-9a-f]{40}) # (\S+)\n", made(together())[WORKFLOW])
    assert {name: (commit, version) for name, commit, version in used} == PINNED
    assert len(used) == made(together())[WORKFLOW].count("uses:")


def test_only_the_default_branch_pushes_and_deploys() -> None:
    found = jobs(STACKS["pip"], default_branch="it's")
    steps = {one.get("id", one.get("uses", "").partition("@")[0]): one for one in found["image-shop"]["steps"]}
    assert steps["build"]["with"]["push"] == "${{ github.event_name == 'push' }}"
    assert steps["docker/login-action"]["if"] == "github.event_name == 'push'"
    assert found["deploy-shop"]["if"].endswith("github.ref == 'refs/heads/it''s'")


def test_a_branch_whose_name_would_be_a_pattern_means_itself() -> None:
    document = yaml.load(made(STACKS["pip"], default_branch="a[b]*")[WORKFLOW], Loader=yaml.BaseLoader)
    assert document["on"]["push"]["branches"] == ["a\\[b\\]\\*"]


def test_pushes_wait_for_nobody_and_replace_nobody_but_deployments_go_one_by_one() -> None:
    document = yaml.safe_load(made(STACKS["pip"])[WORKFLOW])
    assert "github.sha" in document["concurrency"]["group"]
    assert document["jobs"]["deploy-shop"]["concurrency"] == {
        "group": "onramp-deploy-shop",
        "cancel-in-progress": False,
    }


def test_no_expression_stands_in_a_script() -> None:
    for job in jobs(together(), cluster_ca="x").values():
        assert not [one for one in commands(job) if "${{" in one]


def test_the_comment_of_a_value_does_not_change_it() -> None:
    rights = jobs(STACKS["pip"])["deploy-shop"]["permissions"]
    assert rights == {"contents": "read", "id-token": "write"}


class Checkout:
    """A repository with the folders api and web, and the script that says what changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")
        self.first = self.commit("api/a.py", "web/w.js", "shared/s.py", "README.md", "deploy/web/service.yaml")

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=self.folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

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
def test_what_changed_is_found_with_git(checkout: Checkout, paths: list[str], api: str, web: str) -> None:
    checkout.commit(*paths)
    assert checkout.changed(checkout.first) == {"api": api, "web": web}


@pytest.mark.parametrize("base", ["0" * 40, "", "1234567890123456789012345678901234567890", "--help"])
def test_without_anything_to_compare_with_all_is_built(checkout: Checkout, base: str) -> None:
    assert checkout.changed(base) == {"api": "true", "web": "true"}


def test_a_component_at_the_root_changes_with_everything_that_is_not_a_page_of_text(checkout: Checkout) -> None:
    checkout.commit("main.py")
    assert checkout.changed(checkout.first, "shop=.\nweb=web") == {"shop": "true", "web": "false"}
