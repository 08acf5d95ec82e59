"""Whatever a repository contains, the generated files keep their shape and contain nothing hostile."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import generate
import stacks
from stacks import Component
from tests.unit.generate.proposals import PLACEMENT

HOSTILE = st.sampled_from(
    [
        "a\nRUN evil",
        "x'; rm -rf /",
        'x" ]',
        "${{ secrets.GITHUB_TOKEN }}",
        "$(id)",
        "`id`",
        "!!python/object:x",
        "../../etc",
        "&a *a",
        "# c",
        "a b",
        "%",
        "{",
        "- x",
        "\u2028x",
        "é",
        "",
    ]
)
WORDS = st.one_of(HOSTILE, st.text(max_size=12))
INSTRUCTION = re.compile(r"(#|FROM|WORKDIR|COPY|RUN|ENV|EXPOSE|USER|CMD)\b.*|\s&& .*|#.*|")


@st.composite
def repositories(draw: st.DrawFn) -> dict[str, str]:
    """Each manifest with hostile text in place of a name, a path or a command."""

    def word() -> str:
        return draw(WORDS)

    package = {
        "name": word(),
        "main": word(),
        "scripts": {"start": word(), "build": word(), "test": word()},
        "dependencies": {"express": word()},
        "packageManager": word(),
    }
    angular = {"projects": {word(): {"architect": {"build": {"options": {"outputPath": word()}}}}}}
    cargo = f"[package]\nname = {json.dumps(word())}\ndefault-run = {json.dumps(word())}\n[[bin]]\nname = {json.dumps(word())}\n"
    files = {
        "node/package.json": json.dumps(package),
        "node/package-lock.json": "",
        "site/package.json": json.dumps({"scripts": {"build": word()}, "dependencies": {"@angular/core": "20"}}),
        "site/angular.json": json.dumps(angular),
        "site/index.html": "",
        "rust/Cargo.toml": cargo,
        "rust/src/main.rs": "",
        "go/go.mod": f"module {word()}\n\ngo {word()}\n",
        "go/main.go": "package main\n",
        "java/pom.xml": f"<project><properties><java.version>{word()}</java.version></properties><build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>",
        "gradle/build.gradle": "plugins { id 'application' }",
        "gradle/settings.gradle": f"rootProject.name = '{word()}'",
        "net/App.csproj": f'<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><AssemblyName>{word()}</AssemblyName><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>',
        "ruby/Gemfile": f"ruby '{word()}'\ngem 'sinatra'\n",
        "ruby/Gemfile.lock": "",
        "ruby/config.ru": "",
        "php/composer.json": json.dumps({"require": {"php": word(), word(): "*"}}),
        "php/index.php": "",
        "py/requirements.txt": word(),
        "py/Procfile": f"web: python {word()}",
        "py/app.py": f"import os\nos.environ[{json.dumps(word())}]\nif __name__ == '__main__': ...\n",
        "static/Staticfile": f"root: {word()}\n",
        "static/index.html": "",
        ".tool-versions": f"nodejs {word()}\n",
    }
    return files


@settings(deadline=None, max_examples=15)
@given(repositories())
def test_generated_files_keep_their_shape(files: dict[str, str]) -> None:
    components = stacks.read(sorted(files), files, "x").components
    buildable = [component for component in components if not generate.refusal(component)]
    proposal = generate.files(buildable, PLACEMENT) if buildable else ()
    for file in proposal:
        if file.path.endswith("Dockerfile"):
            for line in file.text.split("\n"):
                assert INSTRUCTION.fullmatch(line), line
            assert "evil" not in re.sub(r"CMD \[.*\]|RUN .*", "", file.text)
        elif file.path.endswith((".yml", ".yaml")):
            for document in yaml.safe_load_all(file.text):
                assert isinstance(document, dict)
        expressions = set(re.findall(r"\$\{\{.*?\}\}", file.text))
        assert not any("secrets." in text and "GITHUB_TOKEN" not in text for text in expressions)
        assert file.path.endswith("onramp.yml") or not expressions
    assert generate.check(generate.objects(proposal)) == []


@given(WORDS, WORDS)
def test_variables_with_unusual_names_are_ignored(name: str, default: str) -> None:
    files = {
        "requirements.txt": "",
        "app.py": f"import os\nos.environ.get({name!r}, {default!r})\nif __name__ == '__main__': ...\n",
    }
    for component in stacks.read(sorted(files), files, "x").components:
        assert all(re.fullmatch(r"[A-Z][A-Z0-9_]+", setting.name) for setting in component.settings)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("default_branch", "main${{ github.token }}"),
        ("default_branch", "main\nrun: curl evil.example"),
        ("default_branch", "a branch"),
        ("default_branch", ""),
        ("owner", "${{ secrets.TOKEN }}"),
        ("repository", "a\u202eb"),
        ("team", "x\x00"),
        ("namespace", "${{ github.actor }}"),
        ("registry_host", "registry.example/${{ x }}"),
        ("cluster_url", "https://cluster.example/\r\nX: y"),
        ("cluster_ca", "-----BEGIN CERTIFICATE-----\n${{ secrets.TOKEN }}\n"),
        ("address", "https://{application}.${{ x }}"),
    ],
)
def test_no_value_of_the_placement_brings_an_expression_into_a_file(field: str, text: str) -> None:
    changed: dict[str, Any] = {field: text}
    with pytest.raises(generate.Unsafe, match="“"):
        generate.files([], replace(PLACEMENT, **changed))


@pytest.mark.parametrize("field", ["name", "root", "version", "framework", "container_file", "health_path", "output"])
def test_no_value_of_a_component_brings_an_expression_into_a_file(field: str) -> None:
    changed: dict[str, Any] = {field: "${{ github.token }}"}
    component = replace(Component(name="web", root="", family="python"), **changed)
    with pytest.raises(generate.Unsafe):
        generate.files([component], PLACEMENT)


@pytest.mark.parametrize("field", ["install", "build", "test", "start", "manifests", "needs"])
def test_no_list_of_a_component_brings_an_expression_into_a_file(field: str) -> None:
    changed: dict[str, Any] = {field: ("x", "${{ github.token }}")}
    component = replace(Component(name="web", root="", family="python"), **changed)
    with pytest.raises(generate.Unsafe):
        generate.files([component], PLACEMENT)
