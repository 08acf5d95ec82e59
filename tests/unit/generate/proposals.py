"""Small repositories of all stacks, and the files that are generated for them."""

from collections.abc import Mapping
from dataclasses import replace

import generate
import stacks
from bench.judging import run
from stacks import Component

PLACEMENT = replace(
    run.PLACEMENT,
    repository="Shop",
    log_annotations={"co.elastic.logs/enabled": "true"},
    metrics_annotations={
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "{port}",
        "prometheus.io/path": "{path}",
    },
)
WORKFLOW = ".github/workflows/onramp.yml"
MAIN = "if __name__ == '__main__': ...\n"
TESTED = {"app.py": MAIN, "tests/__init__.py": "", "tests/test_app.py": ""}
PROJECT = '[project]\nname = "x"\nrequires-python = ">=3.12"\ndependencies = ["flask"]\n'
PACKAGE = (
    '{"scripts": {"start": "node s.js", "build": "tsc", "test": "node --test"}, "dependencies": {"koa": "3"}, '
    '"devDependencies": {"typescript": "5"}, "engines": {"node": ">=22"}}'
)
SPRING = (
    "<project><properties><java.version>21</java.version></properties><dependencies><dependency>"
    "<groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId></dependency></dependencies>"
    "<build><plugins><plugin><groupId>org.springframework.boot</groupId><artifactId>spring-boot-maven-plugin</artifactId>"
    "</plugin></plugins></build></project>"
)
STACKS: dict[str, dict[str, str]] = {
    "pip": {"requirements.txt": "flask\n", ".python-version": "3.12\n", **TESTED},
    "pip-whole": {"requirements.txt": "-r more.txt\n", **TESTED},
    "uv": {"pyproject.toml": PROJECT, "uv.lock": "", **TESTED},
    "poetry": {"pyproject.toml": "[tool.poetry.dependencies]\nflask = '*'\n", "poetry.lock": "", **TESTED},
    "pdm": {"pyproject.toml": PROJECT, "pdm.lock": "", **TESTED},
    "pipenv": {"Pipfile": "[packages]\n", "Pipfile.lock": "{}", **TESTED},
    "npm": {"package.json": PACKAGE, "package-lock.json": "", ".nvmrc": "22\n"},
    "pnpm": {"package.json": PACKAGE.replace("node s.js", "tsx s.ts"), "pnpm-lock.yaml": ""},
    "yarn": {"package.json": PACKAGE, "yarn.lock": ""},
    "bun": {"package.json": PACKAGE.replace("node s.js", "bun s.ts"), "bun.lock": ""},
    "node-bare": {"package.json": '{"scripts": {"start": "node s.js"}}'},
    "pnpm-workspace": {
        "package.json": '{"private": true, "packageManager": "pnpm@10.4.0"}',
        "pnpm-workspace.yaml": "packages: ['apps/*', 'packages/*']\n",
        "pnpm-lock.yaml": "",
        "apps/web/package.json": '{"scripts": {"start": "next start", "build": "next build", "test": "vitest run"}, '
        '"dependencies": {"next": "15"}}',
        "packages/ui/package.json": '{"name": "@x/ui", "main": "index.js"}',
    },
    "vite": {
        "package.json": '{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}}',
        "package-lock.json": "",
        "index.html": "",
    },
    "static": {"Staticfile": "root: public\n", "public/index.html": ""},
    "go": {
        "go.mod": "module example.com/quotes\n\ngo 1.25\n\nrequire github.com/gin-gonic/gin v1.10.0\n",
        "go.sum": "",
        "cmd/server/main.go": "package main\n",
        "cmd/server/main_test.go": "package main\n",
    },
    "go-workspace": {
        "go.work": "go 1.25\n\nuse (\n\t./api\n\t./shared\n)\n",
        "api/go.mod": "module example.com/api\n\ngo 1.25\n",
        "api/main.go": "package main\n",
        "shared/go.mod": "module example.com/shared\n",
        "shared/shared.go": "package shared\n",
    },
    "uv-workspace": {
        "pyproject.toml": '[tool.uv.workspace]\nmembers = ["services/*", "libs/*"]\n',
        "uv.lock": "",
        "services/api/pyproject.toml": PROJECT.replace('"x"', '"shop-api"'),
        "services/api/app.py": MAIN,
        "services/api/tests/test_app.py": "",
        "libs/money/pyproject.toml": '[project]\nname = "money"\n[build-system]\nrequires = ["hatchling"]\n',
    },
    "maven": {"pom.xml": SPRING, "mvnw": "", "src/main/java/x/App.java": "", "src/test/java/x/AppTest.java": ""},
    "maven-modules": {
        "pom.xml": "<project><packaging>pom</packaging><modules><module>api</module><module>core</module></modules></project>",
        "api/pom.xml": SPRING,
        "api/src/main/java/x/App.java": "",
        "core/pom.xml": "<project><artifactId>core</artifactId></project>",
        "core/src/main/java/x/Core.java": "",
    },
    "gradle": {
        "build.gradle.kts": 'plugins { id("org.springframework.boot") version "3.5.0" }\njava { toolchain { languageVersion = JavaLanguageVersion.of(21) } }\n',
        "settings.gradle.kts": 'rootProject.name = "orders"\n',
        "gradlew": "",
        "src/main/kotlin/App.kt": "",
        "src/test/kotlin/AppTest.kt": "",
    },
    "gradle-application": {
        "build.gradle": "plugins { id 'application' }\n",
        "settings.gradle": "rootProject.name = 'desk'\n",
        "src/main/java/App.java": "",
    },
    "rails": {
        "Gemfile": 'source "https://rubygems.org"\ngem "rails"\ngem "pg"\n',
        "Gemfile.lock": "",
        ".ruby-version": "3.4.1\n",
        "bin/rails": "",
        "test/models/user_test.rb": "",
    },
    "rack": {
        "Gemfile": 'gem "sinatra"\ngem "puma"\n',
        "Gemfile.lock": "",
        "config.ru": "run App\n",
        "spec/app_spec.rb": "",
    },
    "laravel": {
        "composer.json": '{"require": {"php": "^8.3", "laravel/framework": "^12", "ext-pdo_pgsql": "*"}, "require-dev": {"phpunit/phpunit": "11"}}',
        "composer.lock": "",
        "artisan": "",
        "public/index.php": "",
        "phpunit.xml": "",
    },
    "php": {"index.php": "<?php echo 1;\n", "composer.json": "{}"},
    "rust": {
        "Cargo.toml": '[package]\nname = "ledger"\nversion = "0.1.0"\n[dependencies]\naxum = "0.8"\n',
        "Cargo.lock": "",
        "src/main.rs": "fn main() {}",
    },
    "dotnet": {
        "Api.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>',
        "Program.cs": "",
    },
    "deno": {"deno.json": "{}", "main.ts": "Deno.serve(() => new Response('x'));"},
    "dockerfile": {"Dockerfile": 'FROM scratch\nEXPOSE 80\nCMD ["/srv"]\n'},
}


def components(files: Mapping[str, str], name: str = "shop") -> tuple[Component, ...]:
    return stacks.read(sorted(files), files, name).components


def generated(files: Mapping[str, str], **placement: object) -> dict[str, str]:
    """Path → text of the files that are proposed for a repository with these files."""
    proposal = generate.files(components(files), replace(PLACEMENT, **placement))  # type: ignore[arg-type]
    return {file.path: file.text for file in proposal}


def monorepo() -> dict[str, str]:
    """A repository with a folder for each stack."""
    return {f"{folder}/{path}": text for folder, files in STACKS.items() for path, text in files.items()}
