""".NET in a pipeline and in an image. https://github.com/actions/setup-dotnet, https://learn.microsoft.com/dotnet/core/docker/introduction"""

import shlex
from typing import Any

from onboarding.generate.actions import pinned
from onboarding.generate.images import base
from onboarding.generate.text import noted
from onboarding.stacks import Command, Component
from onboarding.stacks.dotnet import RUNTIME

MEMORY = ("96Mi", "256Mi")


def refuses(one: Component) -> str:
    if "--output" not in one.build:
        return "it was published before and committed, and its project is not here"
    return (
        ""
        if not one.version or one.version in ("8.0", "9.0", "10.0")
        else f"there is no image of .NET {one.version} any more"
    )


def steps(one: Component) -> list[dict[str, Any]]:
    version = f"{one.version}.x" if one.version else noted(f"{RUNTIME.default}.x", "the repository names no version")
    found: list[dict[str, Any]] = [
        {"uses": noted(*pinned("actions/setup-dotnet")), "with": {"dotnet-version": version}}
    ]
    found.append({"name": "Restore packages", "run": shlex.join(one.install)})
    return found


def image(one: Component) -> list[str]:
    """Two stages: the SDK stays out of what runs."""
    version = one.version or RUNTIME.default
    publish = (*one.build[: one.build.index("--output")], "--output", "/out")
    return [
        f"FROM {base('dotnet-sdk', version)} AS build",
        "WORKDIR /src",
        "COPY . .",
        f"RUN {shlex.join(publish)}",
        "",
        f"FROM {base('aspnet', version)}",
        "WORKDIR /app",
        f"ENV ASPNETCORE_HTTP_PORTS={one.port} DOTNET_EnableDiagnostics=0",
        "COPY --from=build /out ./",
    ]


def command(one: Component) -> Command:
    return one.start
