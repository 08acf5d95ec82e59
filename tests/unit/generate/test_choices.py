"""What a platform may offer instead: Travis CI, FIAAS; and the entry for a software catalog."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bench.judging import judges
from onboarding import generate
from onboarding.generate import Choices, Delivery, Pipeline
from tests.unit.generate.proposals import PLACEMENT, STACKS, components, together

TRAVIS = Choices(pipeline=Pipeline.TRAVIS, delivery=Delivery.FIAAS)


def made(files: dict[str, str], choices: Choices) -> dict[str, str]:
    return {one.path: one.text for one in generate.files(components(files), PLACEMENT, choices)}


def test_travis_schema_accepts_every_stack_together(tmp_path: Path) -> None:
    (tmp_path / ".travis.yml").write_text(made(together(), TRAVIS)[".travis.yml"])
    program = str(Path(sys.executable).parent / "check-jsonschema")
    command = [program, "--builtin-schema", "vendor.travis", str(tmp_path / ".travis.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("stack", STACKS)
def test_tests_come_before_images_of_the_default_branch_alone(stack: str) -> None:
    document = yaml.safe_load(made(STACKS[stack], TRAVIS)[".travis.yml"])
    assert [one if isinstance(one, str) else one["name"] for one in document["stages"]] == ["test", "image"]
    assert document["stages"][1]["if"] == "branch = main AND type = push"
    assert [job["stage"] for job in document["jobs"]["include"]] == ["test", "image"]


def test_no_secret_stands_in_it_and_its_scripts_are_clean(tmp_path: Path) -> None:
    text = made(together(), TRAVIS)[".travis.yml"]
    assert "${REGISTRY_TOKEN}" in text
    assert "secure:" not in text
    scripts = {line for job in yaml.safe_load(text)["jobs"]["include"] for line in job["script"]}
    paths = []
    for number, script in enumerate(sorted(scripts)):
        paths.append(tmp_path / f"{number}.sh")
        paths[-1].write_text(f"#!/bin/bash\n{script}\n")
    program = str(Path(sys.executable).parent / "shellcheck")
    done = subprocess.run(
        [program, "--exclude", "SC2154", *map(str, paths)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_fiaas_names_the_port_of_its_metrics() -> None:
    files = made(
        {**STACKS["pip"], "app.py": "PATHS = ('/metrics', '/healthz')\nif __name__ == '__main__': ...\n"}, TRAVIS
    )
    document = yaml.safe_load(files["fiaas.yml"])
    named = {port["name"] for port in document["ports"]}
    assert document["version"] == 3
    assert document["metrics"]["prometheus"] == {"enabled": True, "port": "http", "path": "/metrics"}
    assert document["metrics"]["prometheus"]["port"] in named
    assert document["healthchecks"]["liveness"]["http"] == {"path": "/healthz", "port": "http"}
    assert "deploy/shop/deployment.yaml" not in files


def test_the_catalog_has_an_entry_for_each_and_a_system_for_several() -> None:
    alone = list(yaml.safe_load_all(made(STACKS["pip"], Choices())["catalog-info.yaml"]))
    assert [(one["kind"], one["metadata"]["name"], one["spec"]["owner"]) for one in alone] == [
        ("Component", "shop", "storefront")
    ]
    several = list(yaml.safe_load_all(made(together(), Choices())["catalog-info.yaml"]))
    assert several[0]["kind"] == "System"
    assert {one["spec"]["system"] for one in several[1:]} == {several[0]["metadata"]["name"]}
    assert "catalog-info.yaml" not in made(STACKS["pip"], Choices(catalog=False))


def test_the_same_input_gives_the_same_bytes() -> None:
    for choices in (Choices(), TRAVIS):
        files = together()
        again = dict(reversed(files.items()))
        assert made(files, choices) == made(again, choices)


def test_the_judges_find_what_is_wrong(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM python:latest\nRUN cd /x && sudo pip install flask\nCMD python x\n")
    assert judges.hadolint([bad])
