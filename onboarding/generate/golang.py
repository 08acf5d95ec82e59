"""Go in a pipeline and in an image. https://github.com/actions/setup-go, https://github.com/GoogleContainerTools/distroless"""

import shlex
from typing import Any

from onboarding.generate.actions import pinned
from onboarding.generate.files import below
from onboarding.generate.images import base
from onboarding.generate.text import noted
from onboarding.stacks import Command, Component
from onboarding.stacks.golang import RUNTIME

MEMORY = ("32Mi", "128Mi")


def refuses(one: Component) -> str:
    return ""


def steps(one: Component) -> list[dict[str, Any]]:
    """The toolchain that go.mod asks for, and its modules."""
    file = one.version_file or ("go.work" if one.workspace is not None else "")
    version = (
        {"go-version-file": below(one.folder, file)}
        if file
        else {"go-version": one.version or noted(RUNTIME.default, "the repository names no version")}
    )
    cache = {"cache-dependency-path": below(one.root, one.lock_file)} if one.lock_file else {"cache": False}
    found: list[dict[str, Any]] = [{"uses": noted(*pinned("actions/setup-go")), "with": version | cache}]
    found.append({"name": "Build", "run": shlex.join(("go", "build", *one.build[5:]))})
    return found


def image(one: Component) -> list[str]:
    """Two stages: what runs is the program and nothing else, not even a shell."""
    first = [f"COPY {' '.join(one.manifests)} ./", "RUN go mod download"] if one.manifests and one.install else []
    return [
        f"FROM {base('golang', one.version or RUNTIME.default)} AS build",
        "WORKDIR /src",
        "ENV CGO_ENABLED=0",
        *first,
        "COPY . .",
        f"RUN go build -trimpath -o /out/{_program(one)} {shlex.join(one.build[5:])}",
        "",
        f"FROM {base('static')}",
        "WORKDIR /app",
        f"COPY --from=build /out/{_program(one)} ./",
    ]


def command(one: Component) -> Command:
    return one.start


def _program(one: Component) -> str:
    return one.start[0].rpartition("/")[2]
