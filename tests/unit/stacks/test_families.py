"""Every family: version, framework and start command from its files."""

import json
import shlex

import pytest

from stacks.families import FAMILIES
from tests.unit.stacks.repository import read

POM = (
    "<project xmlns='http://maven.apache.org/POM/4.0.0'><properties><java.version>{java}</java.version></properties>"
    "<dependencies><dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId>"
    "</dependency></dependencies>{plugin}</project>"
)
BOOT = "<build><plugins><plugin><artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build>"
WEB = '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net{}</TargetFramework></PropertyGroup></Project>'
CONSOLE = "<Project Sdk='Microsoft.NET.Sdk'><PropertyGroup><OutputType>Exe</OutputType></PropertyGroup></Project>"
MIX = 'defmodule A.MixProject do\n  def project, do: [app: :shop, elixir: "~> 1.17"]\n  def application, do: [mod: {A, []}]\nend\n'
JAR = "sh -c 'exec java $JAVA_OPTS -jar target/*.jar'"

CASES: dict[str, tuple[dict[str, str], tuple[str, str, str, str, str]]] = {
    # files → family, language, version, framework, start
    "go": (
        {"go.mod": "module x/y\n\ngo 1.26\n\nrequire (\n\tgithub.com/labstack/echo/v4 v4.1.0\n)\n", "main.go": "package main\n"},
        ("go", "Go", "1.26", "echo", "./y"),
    ),
    "go, of several main packages the server": (
        {"go.mod": "module x/y\n", "cmd/migrate/main.go": "package main\n", "cmd/server/main.go": "package main\n"},
        ("go", "Go", "", "", "./server"),
    ),
    "go without a module": ({"main.go": "package main\n"}, ("go", "Go", "", "", "./thing")),
    "go, a library": ({"go.mod": "module x/y\n", "y.go": "package y\n"}, ("go", "Go", "", "", "")),
    "maven": (
        {"pom.xml": POM.format(java="21", plugin=BOOT), "src/main/java/App.java": ""},
        ("java", "Java", "21", "spring-boot", JAR),
    ),
    "maven with an old version": (
        {"pom.xml": POM.format(java="1.8", plugin=BOOT), "src/main/java/App.java": ""},
        ("java", "Java", "8", "spring-boot", JAR),
    ),
    "maven, no plugin packages a program": (
        {"pom.xml": POM.format(java="21", plugin=""), "src/main/kotlin/App.kt": ""},
        ("java", "Kotlin", "21", "spring-boot", JAR),
    ),
    "gradle": (
        {"build.gradle.kts": 'plugins { application }\nkotlin { jvmToolchain(21) }\n', "settings.gradle.kts": 'rootProject.name = "desk"', "src/main/kotlin/A.kt": ""},
        ("java", "Kotlin", "21", "", "build/install/desk/bin/desk"),
    ),
    "system.properties": (
        {"pom.xml": POM.format(java="17", plugin=BOOT), "system.properties": "java.runtime.version=25\n", "src/main/java/A.java": ""},
        ("java", "Java", "25", "spring-boot", JAR),
    ),
    "rails": (
        {"Gemfile": "source 'https://rubygems.org'\ngem 'rails'\n", "Gemfile.lock": "", ".ruby-version": "ruby-3.4.2\n", "bin/rails": "",
         "package.json": json.dumps({"scripts": {"build": "esbuild x"}, "devDependencies": {"esbuild": "1"}})},
        ("ruby", "Ruby", "3.4", "rails", """sh -c 'exec bundle exec rails server -b 0.0.0.0 -p "$PORT"'"""),
    ),
    "rack": ({"Gemfile": "gem 'sinatra'\n", "config.ru": "run X"}, ("ruby", "Ruby", "", "sinatra", "sh -c 'exec bundle exec rackup config.ru --host 0.0.0.0 --port $PORT'")),
    "a ruby script": ({"app.rb": "puts 1"}, ("ruby", "Ruby", "", "", "ruby app.rb")),
    "laravel": (
        {"composer.json": '{"require": {"php": "^8.3", "laravel/framework": "12"}}', "composer.lock": "", "artisan": "", "public/index.php": "",
         "package.json": '{"scripts": {"dev": "vite", "build": "vite build"}, "devDependencies": {"vite": "7"}}'},
        ("php", "PHP", "8.3", "laravel", "php -S 0.0.0.0:8080 -t public"),
    ),
    "php without composer": ({"index.php": "<?php"}, ("php", "PHP", "", "", "php -S 0.0.0.0:8080 -t .")),
    "rust": ({"Cargo.toml": '[package]\nname = "ledger"\n[dependencies]\naxum = "0.8"\n', "src/main.rs": "fn main() {}"}, ("rust", "Rust", "", "axum", "./ledger")),
    "rust, the default of several": (
        {"Cargo.toml": '[package]\nname = "x"\ndefault-run = "two"\n', "src/bin/one.rs": "", "src/bin/two.rs": "", "rust-toolchain.toml": '[toolchain]\nchannel = "1.90"\n'},
        ("rust", "Rust", "1.90", "", "./two"),
    ),
    "asp.net": ({"Shop.csproj": WEB.format("10.0"), "Program.cs": ""}, ("dotnet", "C#", "10.0", "asp.net core", "./Shop")),
    "f#": ({"shop.fsproj": CONSOLE, "Program.fs": ""}, ("dotnet", "F#", "", "", "./shop")),
    "phoenix": ({"mix.exs": MIX.replace("~> 1.17\"]", '~> 1.17", deps: [{:phoenix, "~> 1.7"}]]')}, ("elixir", "Elixir", "1.17", "phoenix", "_build/prod/rel/shop/bin/shop start")),
    "deno": ({"deno.jsonc": '{// tasks\n"tasks": {"start": "deno run -A main.ts",},}', "main.ts": ""}, ("deno", "TypeScript", "", "", "deno task start")),
    "deno by its imports": ({"main.ts": 'import { serve } from "https://deno.land/std/http.ts";'}, ("deno", "TypeScript", "", "", "deno run --allow-all main.ts")),
    "bun": ({"package.json": "{}", "bun.lock": "", "index.ts": "Bun.serve({})"}, ("node", "TypeScript", "", "", "bun index.ts")),
    "sveltekit": ({"package.json": '{"devDependencies": {"@sveltejs/kit": "2", "@sveltejs/adapter-node": "5", "vite": "7"}, "scripts": {"build": "vite build"}}'}, ("node", "JavaScript", "", "@sveltejs/kit", "node build")),
    "deno by the names of its modules": ({"mod.ts": "", "deps.ts": "", "tsconfig.json": "{}"}, ("deno", "TypeScript", "", "", "deno run --allow-all mod.ts")),
    "deno, a task that starts a file called dev": ({"deno.json": '{"tasks": {"start": "deno run -A dev.ts"}}'}, ("deno", "TypeScript", "", "", "deno task start")),
    "a site by Heroku's file": ({"static.json": '{"root": "dist/"}', "dist/index.html": ""}, ("static", "HTML", "", "", "")),
    "published by .NET": ({"shop.dll": "", "shop.deps.json": "{}"}, ("dotnet", "C#", "", "", "dotnet shop.dll")),
    "scripts beside a container file": ({"start.sh": "", "Dockerfile": 'FROM redis\nCMD ["sh", "start.sh"]\n'}, ("dockerfile", "", "", "", "sh start.sh")),
    "a container file decides between two": (
        {"Dockerfile": "FROM denoland/deno:2\n", "deno.json": "{}", "main.ts": "", "package.json": '{"scripts": {"start": "./x"}}'},
        ("deno", "TypeScript", "", "", "deno run --allow-all main.ts"),
    ),
    "a list of packages without a source of its language": (
        {"package.json": '{"main": "server.js", "dependencies": {"log": "1"}}', "site.go": "package main\n"}, ("go", "Go", "", "", ""),
    ),
    "a script beside programs": ({"start.sh": "", "requirements.txt": "boto3\n", "get.py": "", "send.py": ""}, ("python", "Python", "", "", "")),
    "sources of several rare languages beside a container file": (
        {"main.c": "", "main.jl": "", "Dockerfile": 'FROM debian\nCMD ["./x"]\n'}, ("dockerfile", "", "", "", "./x"),
    ),
    "C beside a Makefile": ({"Makefile": "", "hello.c": ""}, ("cpp", "C or C++", "", "", "")),
    "Scala without build.sbt": ({"project/build.scala": "", "src/main/scala/x/A.scala": ""}, ("scala", "Scala", "", "", "")),
    "App Engine says how": (
        {"app.yaml": "runtime: python312\nentrypoint: gunicorn -b :$PORT main:app\n", "main.py": "app = 1\n", "requirements.txt": "gunicorn\n"},
        ("python", "Python", "", "", "sh -c 'exec gunicorn -b :$PORT main:app'"),
    ),
    "ClojureScript that Node runs": (
        {"project.clj": "(defproject x)", "package.json": '{"dependencies": {"express": "4"}}', "Procfile": "web: node target/js/x.js\n", "src/x/core.cljs": ""},
        ("clojure", "Clojure", "", "", "node target/js/x.js"),
    ),
    "clojure": ({"project.clj": "(defproject x)", "src/x/core.clj": ""}, ("clojure", "Clojure", "", "", "sh -c 'exec java $JAVA_OPTS -jar target/*standalone.jar'")),
    "gleam": ({"gleam.toml": 'name = "x"', "src/x.gleam": ""}, ("gleam", "Gleam", "", "", "./build/erlang-shipment/entrypoint.sh run")),
    "c++": ({"CMakeLists.txt": "add_executable(desk main.cc)", "main.cc": ""}, ("cpp", "C or C++", "", "", "build/desk")),
    "swift": ({"Package.swift": ".executableTarget(name: \"Run\")", "Sources/Run/main.swift": ""}, ("swift", "Swift", "", "", ".build/release/Run")),
    "dart": ({"pubspec.yaml": "name: x", "bin/server.dart": ""}, ("dart", "Dart", "", "", "build/bin/server")),
    "haskell": ({"stack.yaml": "", "x.cabal": "executable desk\n", "app/Main.hs": ""}, ("haskell", "Haskell", "", "", "desk")),
    "a shell script": ({"start.sh": "#!/usr/bin/env bash\n"}, ("shell", "a shell script", "", "", "bash start.sh")),
    "mise": ({"requirements.txt": "", "main.py": "if __name__ == '__main__': ...", "mise.toml": '[tools]\npython = "3.13.1"\n'}, ("python", "Python", "3.13", "", "python main.py")),
    "misspelt": ({"requirments.txt": "flask", "main.py": "if __name__ == '__main__': ..."}, ("python", "Python", "", "", "python main.py")),
    "conda": ({"environment.yml": "dependencies:\n  - python=3.12\n  - fastapi\n", "main.py": "app = FastAPI()\n"}, ("python", "Python", "", "fastapi", """sh -c 'exec uvicorn main:app --host 0.0.0.0 --port "$PORT"'""")),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_family_is_recognised(name: str) -> None:
    files, expected = CASES[name]
    reading = read(files)
    component = next(iter((*reading.components, *reading.others)))
    facts = (component.family, component.language, component.version, component.framework)
    assert (*facts, shlex.join(component.start)) == expected


def test_every_family_has_a_case() -> None:
    shown = {expected[0] for _, expected in CASES.values()} | {"static"}
    rare = {
        *("erlang", "scala", "crystal", "zig", "nim", "ocaml", "julia", "r", "perl", "lua", "racket", "scheme"),
        *("lisp", "d", "v", "haxe", "fortran", "cobol"),
    }
    assert {family.name for family in FAMILIES} - shown <= rare


@pytest.mark.parametrize(
    ("manifest", "sources", "family"),
    [
        ("build.sbt", ["src/main/scala/Main.scala"], "scala"),
        ("shard.yml", ["src/x.cr"], "crystal"),
        ("build.zig", ["src/main.zig"], "zig"),
        ("rebar.config", ["src/x.erl"], "erlang"),
        ("dune-project", ["bin/main.ml"], "ocaml"),
        ("cpanfile", ["app.pl"], "perl"),
        ("dub.json", ["source/app.d"], "d"),
        ("renv.lock", ["app.R"], "r"),
    ],
)
def test_a_rare_family_is_recognised_by_its_manifest(manifest: str, sources: list[str], family: str) -> None:
    reading = read({manifest: "", **dict.fromkeys(sources, "")})
    assert reading.family == family


def test_a_version_without_security_fixes_gets_a_warning() -> None:
    for files in (
        {"pom.xml": POM.format(java="11", plugin=BOOT), "src/main/java/A.java": ""},
        {"Gemfile": "ruby '3.1.4'\n", "config.ru": ""},
        {"composer.json": '{"require": {"php": "~7.4"}}', "index.php": ""},
        {"Shop.csproj": WEB.format("8.0"), "Program.cs": ""},
    ):
        assert any("no longer gets security fixes" in warning for warning in read(files).warnings), files
