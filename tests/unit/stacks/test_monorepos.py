"""Several components in one repository: which folders are deployed, and which are not."""

import json

import pytest

from tests.unit.stacks.repository import read

BOOT = (
    "<project><dependencies><dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId>"
    "</dependency></dependencies><build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>"
)
PLAIN = "<project><artifactId>core</artifactId></project>"
MAIN = "if __name__ == '__main__': ...\n"


def package(**fields: object) -> str:
    return json.dumps({"name": "x", "private": True, **fields})


def scripts(**lines: str) -> str:
    return package(scripts=lines)


NEXT = package(
    scripts={"dev": "next dev", "build": "next build", "start": "next start"},
    dependencies={"next": "15", "react": "19"},
)
VITE = package(scripts={"dev": "vite", "build": "vite build"}, devDependencies={"vite": "7"})
EXPRESS = package(scripts={"start": "node dist/server.js", "build": "tsc"}, dependencies={"express": "5"})
LIBRARY = json.dumps({"name": "@x/ui", "main": "dist/index.js", "scripts": {"build": "tsup", "dev": "tsup --watch"}})
WEB = '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>'
CLASSES = '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>'
WORKER = WEB.replace("Sdk.Web", "Sdk.Worker")
TESTED = CLASSES.replace(
    "</Project>", '<ItemGroup><PackageReference Include="Microsoft.NET.Test.Sdk"/></ItemGroup></Project>'
)

LAYOUTS: dict[str, tuple[dict[str, str], set[str]]] = {
    "turborepo": (
        {
            "package.json": package(workspaces=["apps/*", "packages/*"], scripts={"dev": "turbo dev", "start": "turbo run start"}, devDependencies={"turbo": "2"}),
            "turbo.json": "{}", "pnpm-lock.yaml": "", "apps/web/package.json": NEXT, "apps/docs/package.json": NEXT,
            "apps/api/package.json": EXPRESS, "apps/api/src/server.ts": "", "packages/ui/package.json": LIBRARY,
            "packages/eslint-config/package.json": package(main="index.js"), "packages/eslint-config/index.js": "module.exports = {}",
            "packages/tsconfig/package.json": package(),
        },
        {"apps/web", "apps/docs", "apps/api"},
    ),
    "a root that serves, with libraries beside it": (
        {
            "package.json": package(workspaces=["packages/*"], scripts={"start": "node index.js"}), "index.js": "", "package-lock.json": "",
            "packages/a/package.json": LIBRARY, "packages/a/dist/index.js": "", "packages/b/package.json": package(main="index.js"),
            "packages/b/index.js": "module.exports = 1",
        },
        {""},
    ),
    "nx": (
        {
            "package.json": package(scripts={"start": "nx serve"}, dependencies={"express": "5", "next": "15"}, devDependencies={"nx": "20"}),
            "nx.json": "{}", "package-lock.json": "",
            "apps/desk/project.json": json.dumps({"projectType": "application", "targets": {"build": {"executor": "@nx/node:webpack", "options": {"outputPath": "dist/apps/desk"}}}}),
            "apps/desk/src/main.ts": "", "libs/shared/project.json": json.dumps({"projectType": "library", "targets": {}}), "libs/shared/src/index.ts": "",
        },
        {"apps/desk"},
    ),
    "rush": (
        {
            "rush.json": '{// rush\n"projects": [{"packageName": "a", "projectFolder": "services/a"}, {"packageName": "l", "projectFolder": "libraries/l"}]}',
            "services/a/package.json": EXPRESS, "libraries/l/package.json": LIBRARY,
        },
        {"services/a"},
    ),
    "maven modules": (
        {
            "pom.xml": "<project><packaging>pom</packaging><modules><module>orders</module><module>stock</module><module>core</module></modules></project>",
            "orders/pom.xml": BOOT, "orders/src/main/java/OrdersApplication.java": "", "stock/pom.xml": BOOT,
            "stock/src/main/java/StockApplication.java": "", "core/pom.xml": PLAIN, "core/src/main/java/Core.java": "",
        },
        {"orders", "stock"},
    ),
    "maven modules whose parent brings the plugin": (
        {
            "pom.xml": f"<project><packaging>pom</packaging><modules><module>orders</module><module>core</module></modules>{BOOT[9:]}",
            "orders/pom.xml": PLAIN, "orders/src/main/java/x/OrdersApplication.java": "", "core/pom.xml": PLAIN, "core/src/main/java/x/Money.java": "",
        },
        {"orders"},
    ),
    "gradle projects": (
        {
            "settings.gradle.kts": 'rootProject.name = "shop"\ninclude(":api", ":worker", ":common")\n', "gradlew": "",
            "build.gradle.kts": 'plugins { id("org.springframework.boot") version "3.5.0" apply false }\n',
            "api/build.gradle.kts": 'plugins { id("org.springframework.boot") }\n', "api/src/main/kotlin/ApiApplication.kt": "",
            "worker/build.gradle.kts": "plugins {\n    application\n}\n", "worker/src/main/kotlin/Worker.kt": "",
            "common/build.gradle.kts": 'plugins { kotlin("jvm") }\n', "common/src/main/kotlin/Common.kt": "",
        },
        {"api", "worker"},
    ),
    "go modules": (
        {
            "go.work": "go 1.26\n\nuse (\n\t./gateway\n\t./mailer\n\t./shared\n)\n", "gateway/go.mod": "module x/gateway\n", "gateway/main.go": "package main\n",
            "mailer/go.mod": "module x/mailer\n", "mailer/cmd/mailer/main.go": "package main\n", "shared/go.mod": "module x/shared\n",
            "shared/money.go": "package shared\n",
        },
        {"gateway", "mailer"},
    ),
    "cargo workspace": (
        {
            "Cargo.toml": '[workspace]\nmembers = ["server", "crates/*"]\n', "Cargo.lock": "", "server/Cargo.toml": '[package]\nname = "server"\n',
            "server/src/main.rs": "", "crates/money/Cargo.toml": '[package]\nname = "money"\n', "crates/money/src/lib.rs": "",
        },
        {"server"},
    ),
    "uv workspace": (
        {
            "pyproject.toml": '[tool.uv.workspace]\nmembers = ["services/*", "libs/*"]\n', "uv.lock": "",
            "services/api/pyproject.toml": '[project]\nname = "api"\ndependencies = ["fastapi", "uvicorn"]\n', "services/api/main.py": "app = FastAPI()\n",
            "libs/money/pyproject.toml": '[project]\nname = "money"\n[build-system]\nrequires = ["hatchling"]\n', "libs/money/src/money/__init__.py": "",
        },
        {"services/api"},
    ),
    "a .NET solution": (
        {
            "Shop.sln": 'Project("{9}") = "Api", "src\\Api\\Api.csproj"\nProject("{9}") = "Worker", "src\\Worker\\Worker.csproj"\n',
            "src/Api/Api.csproj": WEB, "src/Api/Program.cs": "", "src/Worker/Worker.csproj": WORKER, "src/Worker/Program.cs": "",
            "src/Domain/Domain.csproj": CLASSES, "src/Domain/Money.cs": "", "src/Checks/Checks.csproj": TESTED, "src/Checks/MoneyTests.cs": "",
            "src/Host/Host.csproj": '<Project Sdk="Microsoft.NET.Sdk"><Sdk Name="Aspire.AppHost.Sdk" Version="9"/><PropertyGroup><OutputType>Exe</OutputType></PropertyGroup></Project>',
        },
        {"src/Api", "src/Worker"},
    ),
    "an umbrella": (
        {
            "mix.exs": 'def project, do: [apps_path: "apps", releases: [shop: []]]\n', "apps/web/mix.exs": "def project, do: [app: :web]\n  mod: {Web, []}\n",
            "apps/core/mix.exs": "def project, do: [app: :core]\n",
        },
        {""},
    ),
    "a folder that seeds the others, and a root that starts them": (
        {
            "package.json": '{"workspaces": ["services/*"], "scripts": {"start": "node scripts/run-project.js"}}', "package-lock.json": "",
            "scripts/run-project.js": "", "services/api/package.json": '{"scripts": {"start": "node src/server.js"}}', "services/api/src/server.js": "",
            "services/seed-data/Dockerfile": 'FROM python:3.13\nENTRYPOINT ["./entrypoint.sh"]\n', "services/seed-data/entrypoint.sh": "",
        },
        {"services/api"},
    ),
    "just folders, in several languages": (
        {
            "docker-compose.yml": "services: {}\n", "README.md": "", "frontend/package.json": VITE, "frontend/index.html": "", "frontend/package-lock.json": "",
            "backend/requirements.txt": "fastapi\nuvicorn\n", "backend/main.py": "app = FastAPI()\n", "services/mail/go.mod": "module x/mail\n",
            "services/mail/main.go": "package main\n", "services/billing/Gemfile": "gem 'sinatra'\n", "services/billing/config.ru": "",
            "services/ledger/pom.xml": BOOT, "services/ledger/src/main/java/App.java": "", "scripts/seed.py": "print(1)\n",
            "e2e/package.json": package(scripts={"test": "playwright test"}, devDependencies={"@playwright/test": "1"}),
        },
        {"frontend", "backend", "services/mail", "services/billing", "services/ledger"},
    ),
    "one service with a Dockerfile in each folder": (
        {f"src/{name}/{file}": text for name in ("cart", "ads", "mail") for file, text in (("Dockerfile", "FROM scratch\nEXPOSE 80\n"), ("NOTES", ""))},
        {"src/cart", "src/ads", "src/mail"},
    ),
    "rails with its pages' packages, and a site for the docs": (
        {
            "Gemfile": "gem 'rails'\n", "Gemfile.lock": "", "bin/rails": "", "config.ru": "", "package.json": scripts(build="esbuild app"),
            "docs/package.json": VITE, "docs/index.html": "",
        },
        {""},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_only_services_and_sites_are_deployed(name: str) -> None:
    files, expected = LAYOUTS[name]
    reading = read(files)
    assert {component.root for component in reading.components} == expected
    assert len(reading.components) == len(expected)
    assert all(other.left for other in reading.others)


def test_members_are_installed_in_the_folder_of_their_lock_file() -> None:
    files, _ = LAYOUTS["turborepo"]
    web = next(component for component in read(files).components if component.root == "apps/web")
    assert (web.workspace, web.folder, web.inside, web.package_manager) == ("", "", "apps/web", "pnpm")
    assert web.build == ("npx", "turbo", "run", "build", "--filter=./apps/web")


def test_a_workspace_contains_only_members_of_its_own_language() -> None:
    """An Nx repository names every folder, but its tools build neither Go nor Python."""
    files = {
        "nx.json": "{}", "package.json": '{"private": true}', "package-lock.json": "", ".tool-versions": "golang 1.25.1\n",
        "apps/web/package.json": '{"scripts": {"start": "node s.js"}}', "apps/quotes/go.mod": "module x/quotes\n",
        "apps/quotes/main.go": "package main\n", "apps/mail/requirements.txt": "flask\n", "apps/mail/app.py": "app = Flask()\n",
    }  # fmt: skip
    components = {component.family: component for component in read(files).components}
    folders = {family: component.folder for family, component in components.items()}
    assert folders == {"node": "", "go": "apps/quotes", "python": "apps/mail"}
    assert components["go"].version == "1.25", "versions that are pinned above count for all languages"


def test_only_the_member_of_a_uv_workspace_is_installed() -> None:
    files, _ = LAYOUTS["uv workspace"]
    (api,) = read(files).components
    assert (api.folder, api.lock_file, api.install_production) == (
        "",
        "uv.lock",
        ("uv", "sync", "--locked", "--no-dev", "--package", "api"),
    )


def test_the_reason_for_a_root_names_the_members_that_it_starts() -> None:
    files, _ = LAYOUTS["turborepo"]
    root = next(other for other in read(files).others if not other.root)
    assert "apps/api" in root.left or "apps/web" in root.left
