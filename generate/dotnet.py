""".NET in pipelines and images. https://github.com/actions/setup-dotnet,
https://learn.microsoft.com/dotnet/core/docker/introduction"""

import shlex

from generate.images import BaseImage
from generate.pinned_actions import PinnedAction, default_version
from generate.toolchain import Step, TravisLanguage
from stacks import Command, Component
from stacks.dotnet_version import RUNTIME

MEMORY = ("96Mi", "256Mi")
EDITIONS: dict[str, str] = {}
TRAVIS = TravisLanguage()
_SDK = BaseImage(
    "mcr.microsoft.com/dotnet/sdk:{}",
    {"10.0": "sha256:ea8bde36c11b6e7eec2656d0e59101d4462f6bd630730f2c8201ed0572b295d5"},
)
_ASPNET = BaseImage(
    "mcr.microsoft.com/dotnet/aspnet:{}",
    {"10.0": "sha256:1fa23fc4872d95fd71c2833ebe65d7e84a43b2d51a31d119516852f13d9505a7"},
)
_SETUP = PinnedAction("actions/setup-dotnet", "baa11fbfe1d6520db94683bd5c7a3818018e4309", "v5.1.0")
_IMAGE_VERSIONS = ("8.0", "9.0", "10.0")


def refusal(component: Component) -> str:
    if "--output" not in component.build:
        return "only its published output is committed, not its project"
    if component.version and component.version not in _IMAGE_VERSIONS:
        return f"there is no longer an image for .NET {component.version}"
    return ""


def steps(component: Component) -> list[Step]:
    version = f"{component.version}.x" if component.version else default_version(f"{RUNTIME.default}.x")
    return [
        {"uses": _SETUP.reference, "with": {"dotnet-version": version}},
        {"name": "Restore packages", "run": shlex.join(component.install)},
    ]


def image(component: Component) -> list[str]:
    """Two stages: the SDK stays out of the final image."""
    version = component.version or RUNTIME.default
    publish = (*component.build[: component.build.index("--output")], "--output", "/out")
    return [
        f"FROM {_SDK.reference(version)} AS build",
        "WORKDIR /src",
        "COPY . .",
        f"RUN {shlex.join(publish)}",
        "",
        f"FROM {_ASPNET.reference(version)}",
        "WORKDIR /app",
        f"ENV ASPNETCORE_HTTP_PORTS={component.port} DOTNET_EnableDiagnostics=0",
        "COPY --from=build /out ./",
    ]


def command(component: Component) -> Command:
    return component.start
