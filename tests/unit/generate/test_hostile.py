"""Whatever a repository says, what is generated stays a workflow, a Dockerfile and manifests, and says nothing of its own."""

import json
import re

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding import generate, stacks
from tests.unit.generate.proposals import PLACEMENT

NASTY = st.sampled_from(
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
WORDS = st.one_of(NASTY, st.text(max_size=12))
INSTRUCTION = re.compile(r"(#|FROM|WORKDIR|COPY|RUN|ENV|EXPOSE|USER|CMD)\b.*|\s&& .*|#.*|")


@st.composite
def repositories(draw: st.DrawFn) -> dict[str, str]:
    """Each manifest with something nasty where a name, a path or a command is expected."""

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
def test_what_is_generated_keeps_its_shape(files: dict[str, str]) -> None:
    found = [one for one in stacks.read(sorted(files), files, "x").components if not generate.refusal(one)]
    for file in generate.files(found, PLACEMENT) if found else ():
        if file.path.endswith("Dockerfile"):
            for line in file.text.split("\n"):
                assert INSTRUCTION.fullmatch(line), line
            assert "evil" not in re.sub(r"CMD \[.*\]|RUN .*", "", file.text)
        elif file.path.endswith((".yml", ".yaml")):
            for document in yaml.safe_load_all(file.text):
                assert isinstance(document, dict)
        expressions = set(re.findall(r"\$\{\{.*?\}\}", file.text))
        assert not any("secrets." in one and "GITHUB_TOKEN" not in one for one in expressions)
        assert file.path.endswith("onramp.yml") or not expressions
    manifests = generate.objects(generate.files(found, PLACEMENT)) if found else []
    assert generate.check(manifests) == []


@given(WORDS, WORDS)
def test_settings_with_strange_names_are_no_settings(name: str, default: str) -> None:
    files = {
        "requirements.txt": "",
        "app.py": f"import os\nos.environ.get({name!r}, {default!r})\nif __name__ == '__main__': ...\n",
    }
    for one in stacks.read(sorted(files), files, "x").components:
        assert all(re.fullmatch(r"[A-Z][A-Z0-9_]+", each.name) for each in one.settings)
