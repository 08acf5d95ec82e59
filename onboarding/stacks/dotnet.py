""".NET: the project that makes a program. https://learn.microsoft.com/dotnet/core/project-sdk/overview"""

import re
from xml.etree.ElementTree import Element

from onboarding.stacks import pinning, serving
from onboarding.stacks.components import Command, Component, Evidence, Grounds, Role
from onboarding.stacks.folder import Folder, as_table, as_text
from onboarding.stacks.runtimes import Runtime

FAMILY = "dotnet"
PROJECTS = (".csproj", ".fsproj", ".vbproj")
MARKERS = (*(f"*{one}" for one in PROJECTS), "*.sln", "*.slnx", "*.runtimeconfig.json")
MANIFESTS = (*MARKERS, "global.json", "Directory.Build.props", "appsettings.json", "Properties/launchSettings.json")
ENTRIES = ("Program.cs", "Program.fs", "Startup.cs", "Program.vb")
ENDINGS = (".cs", ".fs", ".vb")
LANGUAGES = {".csproj": "C#", ".fsproj": "F#", ".vbproj": "Visual Basic"}
RUNTIME = Runtime(
    ".NET",
    default="10.0",
    supported=("10.0",),
    ended=("2.1", "3.1", "5.0", "6.0", "7.0", "8.0", "9.0"),
    as_of="2026-11",  # https://dotnet.microsoft.com/platform/support/policy: 8 and 9 ended on 2026-11-10
)
PORT = 8080  # what Microsoft's images listen on since .NET 8
_READ = r"Environment\.GetEnvironmentVariable\(\s*\"(?P<name>[A-Z][A-Z0-9_]+)\"\s*\)(?:\s*\?\?\s*(?P<default>[^;)\n]{1,80}))?"
_FRAMEWORK = re.compile(r"net(?:coreapp)?(\d{1,2}\.\d)")
_NEEDS = {
    "postgresql": ("Npgsql", "Npgsql.EntityFrameworkCore.PostgreSQL"), "redis": ("StackExchange.Redis",), "kafka": ("Confluent.Kafka",),
    "mysql": ("MySql.Data", "MySqlConnector", "Pomelo.EntityFrameworkCore.MySql"), "mongodb": ("MongoDB.Driver",), "rabbitmq": ("RabbitMQ.Client",),
    "sqlserver": ("Microsoft.Data.SqlClient", "Microsoft.EntityFrameworkCore.SqlServer"),
}  # fmt: skip


def read(folder: Folder, name: str) -> Component | None:
    """The project in this folder; a solution without a project of its own is a library of the projects below."""
    projects = folder.ending(*PROJECTS)
    solution = next(iter(folder.ending(".sln", ".slnx")), "")
    if not projects and not solution:
        return _published(folder, name)
    if not projects:
        shown = Evidence(folder.path(solution), None, "says that this is a solution of .NET projects")
        return Component(
            name=name, root=folder.root, family=FAMILY, language="C#", role=Role.LIBRARY, evidence=(shown,)
        )
    project = _chosen(folder, projects)
    root = folder.xml(project)
    sdk = root.get("Sdk", "")
    packages = {one.get("Include", "") for one in root.iter("PackageReference")}
    tests = "Microsoft.NET.Test.Sdk" in packages or _property(root, "IsTestProject").lower() == "true"
    web = sdk.startswith("Microsoft.NET.Sdk.Web") and not sdk.endswith("Assembly")
    worker = sdk == "Microsoft.NET.Sdk.Worker"
    elsewhere = (
        sdk.startswith("Aspire")
        or "Aspire.Hosting.AppHost" in packages
        or any(
            _property(root, one).lower() == "true" for one in ("UseMaui", "UseWPF", "UseWindowsForms", "IsAspireHost")
        )
    )
    elsewhere = elsewhere or any(one.get("Name", "").startswith("Aspire.AppHost") for one in root.iter("Sdk"))
    program = (web or worker or _property(root, "OutputType").lower() == "exe") and not tests and not elsewhere
    assembly = _property(root, "AssemblyName") or project.rpartition(".")[0]
    assembly = assembly if re.fullmatch(r"[\w. -]+", assembly) else project.rpartition(".")[0]
    version, said = _version(folder, root, project)
    port, port_evidence = serving.port(folder, ENDINGS, (), (), PORT)
    health, health_evidence = serving.health_path(folder, ENDINGS)
    metrics, metrics_evidence = serving.metrics_path(
        folder,
        ENDINGS,
        packages,
        ("prometheus-net.AspNetCore", "OpenTelemetry.Exporter.Prometheus.AspNetCore"),
        project,
    )
    path = f"{folder.inside}/{project}" if folder.inside else project
    kind = "a web project" if web else "a worker" if worker else "a program"
    start: Command = (f"./{assembly}",) if program else ()
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language=LANGUAGES[project[project.rindex(".") :]],
        version=version,
        framework="asp.net core" if web else "",
        package_manager="nuget",
        lock_file=folder.has("packages.lock.json"),
        install=("dotnet", "restore", path),
        build=("dotnet", "publish", path, "--configuration", "Release", "--output", "out") if program else (),
        test=("dotnet", "test") if tests or _solution_tests(folder) else (),
        start=start,
        port=port,
        health_path=health,
        metrics_path=metrics,
        settings=serving.settings(folder, ENDINGS, _READ),
        evidence=(
            Evidence(folder.path(project), None, f"is {kind} of .NET" if program else "is a project of .NET"), *said,
            port_evidence, *health_evidence, *metrics_evidence,
        ),
        confidence="certain" if web else "likely",
        alternatives=tuple(f"the project {one}" for one in projects if one != project),
        role=Role.SERVICE if program else Role.LIBRARY,
        grounds=Grounds.MANIFEST,
        workspace=folder.workspace.root if folder.workspace is not None else None,
        needs=serving.needs(packages, _NEEDS),
    )  # fmt: skip


def _published(folder: Folder, name: str) -> Component | None:
    """What somebody built before and committed. https://learn.microsoft.com/dotnet/core/runtime-config/"""
    found = folder.ending(".runtimeconfig.json", ".deps.json")
    program = found[0].removesuffix(".runtimeconfig.json").removesuffix(".deps.json") if found else ""
    if not found or f"{program}.dll" not in folder.files:
        return None
    shown = Evidence(folder.path(found[0]), None, "says that this was published by .NET")
    return Component(
        name=name, root=folder.root, family=FAMILY, language="C#", port=PORT, start=("dotnet", f"{program}.dll"), evidence=(shown,),
        confidence="likely", grounds=Grounds.SOURCES,
    )  # fmt: skip


def _chosen(folder: Folder, projects: list[str]) -> str:
    """The web project where several lie side by side."""
    return next((one for one in projects if "Microsoft.NET.Sdk.Web" in folder.xml(one).get("Sdk", "")), projects[0])


def _property(root: Element, name: str) -> str:
    return next(((one.text or "").strip() for one in root.iter(name)), "")


def _solution_tests(folder: Folder) -> bool:
    return any(re.search(r"[Tt]ests?/[^/]+\.(cs|fs|vb)proj$", one) for one in folder.files)


def _version(folder: Folder, root: Element, project: str) -> tuple[str, list[Evidence]]:
    target = _property(root, "TargetFramework") or _property(root, "TargetFrameworks").split(";")[0]
    found = _FRAMEWORK.match(target)
    if found:
        return pinning.known(
            folder, RUNTIME, found[1], Evidence(folder.path(project), None, f"targets .NET {found[1]}")
        )
    sdk = as_text(as_table(folder.jsonc("global.json").get("sdk")).get("version"))
    if re.fullmatch(r"\d{1,2}\.\d\.\d{1,3}", sdk):
        return ".".join(sdk.split(".")[:2]), [Evidence(folder.path("global.json"), None, f"asks for the SDK {sdk}")]
    managed = pinning.pinned(folder, "dotnet")
    return (".".join(managed[0].split(".")[:2]), [managed[1]]) if managed else ("", [])
