"""Dockerfiles for components that have none."""

import json
import re
from pathlib import Path

import pytest

from bench.judging import judges
from tests.unit.generate.proposals import STACKS, generated

WITHOUT_DOCKERFILE = [name for name in STACKS if name != "dockerfile"]
WITH_MANAGER = ["uv", "poetry", "pdm", "pipenv"]


def dockerfile(stack: str) -> list[str]:
    (text,) = [text for path, text in generated(STACKS[stack]).items() if path.rpartition("/")[2] == "Dockerfile"]
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("stack", WITHOUT_DOCKERFILE)
def test_it_runs_as_a_numeric_user_and_receives_signals_directly(stack: str) -> None:
    *_, port, expose, user, command = dockerfile(stack)
    assert re.fullmatch(r"ENV PORT=\d+", port)
    assert expose == port.replace("ENV PORT=", "EXPOSE ")
    assert user == "USER 10001:10001"
    assert isinstance(json.loads(command.removeprefix("CMD ")), list)


@pytest.mark.parametrize("stack", WITHOUT_DOCKERFILE)
def test_each_base_image_has_a_version(stack: str) -> None:
    bases = [line.split()[1] for line in dockerfile(stack) if line.startswith("FROM ")]
    assert bases
    for base in bases:
        name, _, digest = base.partition("@")
        assert re.fullmatch(r"[a-z0-9./-]+:[\w.-]+", name)
        assert not name.endswith(":latest")
        assert re.fullmatch(r"(sha256:[0-9a-f]{64})?", digest)


def test_hadolint_accepts_each_dockerfile(tmp_path: Path) -> None:
    paths = []
    for stack in WITHOUT_DOCKERFILE:
        (text,) = [text for path, text in generated(STACKS[stack]).items() if path.rpartition("/")[2] == "Dockerfile"]
        paths.append(tmp_path / f"{stack}.Dockerfile")
        paths[-1].write_text(text)
    assert judges.hadolint(paths) == []


@pytest.mark.parametrize("stack", ["pip", "npm", "pnpm", "yarn", "bun", *WITH_MANAGER])
def test_packages_are_installed_before_the_code_is_copied(stack: str) -> None:
    lines = dockerfile(stack)
    install = next(
        number
        for number, line in enumerate(lines)
        if re.match(r"RUN (python -m pip install .*req|\w+ \w*(ci|install|sync))", line)
    )
    assert install < lines.index("COPY . .")


@pytest.mark.parametrize("stack", WITH_MANAGER)
def test_the_package_manager_stays_out_of_the_final_image(stack: str) -> None:
    lines = dockerfile(stack)
    final = lines[max(number for number, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert "COPY --from=build /app ./" in final
    assert "ENV PATH=/app/.venv/bin:$PATH" in final
    assert not [line for line in final if line.startswith("RUN")]


def test_the_build_gets_all_packages_and_the_final_image_only_those_for_production() -> None:
    lines = dockerfile("npm")
    build = lines.index("RUN npm run build \\")
    assert lines.index("RUN npm ci") < build
    assert lines[build + 1] == " && npm prune --omit=dev"
    assert lines.index("ENV HOME=/tmp NODE_ENV=production npm_config_update_notifier=false") > build, (
        "in production mode npm would skip packages that the build needs"
    )


def test_no_package_manager_is_downloaded_when_the_container_starts() -> None:
    assert dockerfile("pnpm")[-1] == 'CMD ["npm", "run", "start"]'


def test_requirements_that_include_other_files_get_the_whole_folder_first() -> None:
    lines = dockerfile("pip-whole")
    assert lines.index("COPY . .") < next(number for number, line in enumerate(lines) if "pip install" in line)


def test_existing_files_of_the_repository_are_kept() -> None:
    assert not {"Dockerfile", ".dockerignore"} & set(generated(STACKS["dockerfile"]))
    assert ".dockerignore" not in generated({**STACKS["pip"], ".dockerignore": "theirs"})
    assert "**/node_modules" in generated(STACKS["pip"])[".dockerignore"].splitlines()
