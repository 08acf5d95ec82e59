"""Choices of a platform: Travis CI, FIAAS and the entry in a software catalog."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import generate
from bench.judging import judges
from generate import Choices, DeliveryTool, Pipeline
from tests.unit.generate.proposals import PLACEMENT, STACKS, components, monorepo

TRAVIS = Choices(pipeline=Pipeline.TRAVIS, delivery=DeliveryTool.FIAAS)


def generated(files: dict[str, str], choices: Choices) -> dict[str, str]:
    return {file.path: file.text for file in generate.files(components(files), PLACEMENT, choices)}


def test_the_schema_of_travis_accepts_a_monorepo_of_all_stacks(tmp_path: Path) -> None:
    (tmp_path / ".travis.yml").write_text(generated(monorepo(), TRAVIS)[".travis.yml"])
    program = str(Path(sys.executable).parent / "check-jsonschema")
    command = [program, "--builtin-schema", "vendor.travis", str(tmp_path / ".travis.yml")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("stack", STACKS)
def test_tests_come_before_images_and_images_are_built_on_the_default_branch_only(stack: str) -> None:
    document = yaml.safe_load(generated(STACKS[stack], TRAVIS)[".travis.yml"])
    stages = document["stages"]
    assert [stage if isinstance(stage, str) else stage["name"] for stage in stages] == ["test", "image"]
    assert stages[1]["if"] == "branch = main AND type = push"
    assert [job["stage"] for job in document["jobs"]["include"]] == ["test", "image"]


def test_it_contains_no_secret_and_shellcheck_accepts_its_scripts(tmp_path: Path) -> None:
    text = generated(monorepo(), TRAVIS)[".travis.yml"]
    assert "${REGISTRY_TOKEN}" in text
    assert "secure:" not in text
    scripts = {line for job in yaml.safe_load(text)["jobs"]["include"] for line in job["script"]}
    paths = []
    for number, script in enumerate(sorted(scripts)):
        paths.append(tmp_path / f"{number}.sh")
        paths[-1].write_text(f"#!/bin/bash\n{script}\n")
    program = str(Path(sys.executable).parent / "shellcheck")
    result = subprocess.run(
        [program, "--exclude", "SC2154", *map(str, paths)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


def test_fiaas_gets_metrics_from_a_named_port() -> None:
    files = generated(
        {**STACKS["pip"], "app.py": "PATHS = ('/metrics', '/healthz')\nif __name__ == '__main__': ...\n"}, TRAVIS
    )
    document = yaml.safe_load(files["fiaas.yml"])
    port_names = {port["name"] for port in document["ports"]}
    assert document["version"] == 3
    assert document["metrics"]["prometheus"] == {"enabled": True, "port": "http", "path": "/metrics"}
    assert document["metrics"]["prometheus"]["port"] in port_names
    assert document["healthchecks"]["liveness"]["http"] == {"path": "/healthz", "port": "http"}
    assert "deploy/shop/deployment.yaml" not in files


def test_the_catalog_has_an_entry_per_component_and_a_system_for_several() -> None:
    single = list(yaml.safe_load_all(generated(STACKS["pip"], Choices())["catalog-info.yaml"]))
    assert [(entry["kind"], entry["metadata"]["name"], entry["spec"]["owner"]) for entry in single] == [
        ("Component", "shop", "storefront")
    ]
    several = list(yaml.safe_load_all(generated(monorepo(), Choices())["catalog-info.yaml"]))
    assert several[0]["kind"] == "System"
    assert {entry["spec"]["system"] for entry in several[1:]} == {several[0]["metadata"]["name"]}
    assert "catalog-info.yaml" not in generated(STACKS["pip"], Choices(catalog=False))


def test_the_same_input_gives_the_same_bytes() -> None:
    for choices in (Choices(), TRAVIS):
        files = monorepo()
        reordered = dict(reversed(files.items()))
        assert generated(files, choices) == generated(reordered, choices)


def test_hadolint_finds_the_faults_of_a_bad_dockerfile(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM python:latest\nRUN cd /x && sudo pip install flask\nCMD python x\n")
    assert judges.hadolint([bad])
