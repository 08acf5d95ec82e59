""".NET: the project that builds a program. https://learn.microsoft.com/dotnet/core/project-sdk/overview"""

import patterns
from stacks import dotnet_project, dotnet_serving, dotnet_version
from stacks.components import Component, Evidence, Grounds, Role
from stacks.dotnet_serving import ENDINGS
from stacks.family import Family
from stacks.folder import Folder

PROJECTS = (".csproj", ".fsproj", ".vbproj")
MARKERS = (*(f"*{ending}" for ending in PROJECTS), "*.sln", "*.slnx", "*.runtimeconfig.json")
LANGUAGES = {".csproj": "C#", ".fsproj": "F#", ".vbproj": "Visual Basic"}
_PROJECT = patterns.repeated(r"[\"']([^\"'\n]{1,200}\.(?:cs|fs|vb)proj)[\"']")
_TEST_PROJECT = patterns.compile(r"[Tt]ests?/[^/]+\.(cs|fs|vb)proj$")


def read(folder: Folder, name: str) -> Component | None:
    """The project in this folder. A solution without a project beside it is a library: it groups the projects below."""
    projects = folder.top_files_ending(*PROJECTS)
    if projects:
        return _project(folder, name, _chosen(folder, projects), projects)
    solution = next(iter(folder.top_files_ending(".sln", ".slnx")), "")
    if not solution:
        return _published(folder, name)
    evidence = Evidence(folder.path(solution), None, "is a solution of .NET projects")
    return Component(
        name=name, root=folder.root, family=FAMILY.name, language="C#", role=Role.LIBRARY, evidence=(evidence,)
    )


def _project(folder: Folder, name: str, project: str, projects: list[str]) -> Component:
    root = folder.xml(project)
    packages = {reference.get("Include", "") for reference in root.iter("PackageReference")}
    tests = "Microsoft.NET.Test.Sdk" in packages or dotnet_project.is_true(root, "IsTestProject")
    kind = "" if tests or dotnet_project.runs_elsewhere(root, packages) else dotnet_project.kind(root)
    web = dotnet_project.is_web(root)
    version, version_evidence = dotnet_version.version(folder, root, project)
    endpoints = dotnet_serving.endpoints(folder, packages, project)
    path = f"{folder.inside}/{project}" if folder.inside else project
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY.name,
        language=LANGUAGES[project[project.rindex(".") :]],
        version=version,
        framework="asp.net core" if web else "",
        package_manager="nuget",
        lock_file=folder.has("packages.lock.json"),
        install=("dotnet", "restore", path),
        build=("dotnet", "publish", path, "--configuration", "Release", "--output", "out") if kind else (),
        test=("dotnet", "test") if tests or _has_test_projects(folder) else (),
        start=(f"./{dotnet_project.assembly(root, project)}",) if kind else (),
        port=endpoints.port,
        health_path=endpoints.health_path,
        metrics_path=endpoints.metrics_path,
        settings=dotnet_serving.settings(folder),
        evidence=(
            *(Evidence(folder.path(project), None, f"is a .NET {kind or 'project'}"), *version_evidence),
            *endpoints.evidence,
        ),
        confidence="certain" if web else "likely",
        alternatives=tuple(f"the project {other}" for other in projects if other != project),
        role=Role.SERVICE if kind else Role.LIBRARY,
        grounds=Grounds.MANIFEST,
        workspace=folder.workspace.root if folder.workspace is not None else None,
        needs=dotnet_serving.needs(packages),
    )


def members(folder: Folder) -> list[str]:
    """The folders of the projects in a solution."""
    folders = []
    for name in folder.top_files_ending(".sln", ".slnx"):
        projects = _PROJECT.findall(folder.text(name))
        folders += [project.replace("\\", "/").rpartition("/")[0] for project in projects]
    return [path for path in folders if path]


def _published(folder: Folder, name: str) -> Component | None:
    """A committed build without its project. https://learn.microsoft.com/dotnet/core/runtime-config/"""
    file = next(iter(folder.top_files_ending(".runtimeconfig.json", ".deps.json")), "")
    program = file.removesuffix(".runtimeconfig.json").removesuffix(".deps.json")
    if not file or f"{program}.dll" not in folder.files:
        return None
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY.name,
        language="C#",
        port=dotnet_serving.PORT,
        start=("dotnet", f"{program}.dll"),
        evidence=(Evidence(folder.path(file), None, "is the output of a .NET build"),),
        confidence="likely",
        grounds=Grounds.SOURCES,
    )


def _chosen(folder: Folder, projects: list[str]) -> str:
    """The web project, if there are several."""
    web = (project for project in projects if "Microsoft.NET.Sdk.Web" in folder.xml(project).get("Sdk", ""))
    return next(web, projects[0])


def _has_test_projects(folder: Folder) -> bool:
    return any(file.endswith("proj") and _TEST_PROJECT.search(file) for file in folder.files)


FAMILY = Family(
    name="dotnet",
    read=read,
    markers=MARKERS,
    manifests=(*MARKERS, "global.json", "Directory.Build.props", "appsettings.json", "Properties/launchSettings.json"),
    entries=("Program.cs", "Program.fs", "Startup.cs", "Program.vb"),
    endings=ENDINGS,
    images=patterns.compile(r"/dotnet/"),
    members=members,
)
