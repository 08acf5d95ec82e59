"""Go in pipelines and images. https://github.com/actions/setup-go,
https://github.com/GoogleContainerTools/distroless"""

import shlex

from generate.files import below
from generate.images import BaseImage
from generate.pinned_actions import PinnedAction, default_version
from generate.toolchain import Step, TravisLanguage
from stacks import Command, Component
from stacks.golang_version import RUNTIME

MEMORY = ("32Mi", "128Mi")
EDITIONS: dict[str, str] = {}
TRAVIS = TravisLanguage("go", "go")
_GOLANG = BaseImage(
    "golang:{}",
    {
        "1.25": "sha256:36b4f45d2874905b9e8573b783292629bcb346d0a70d8d7150b6df545234818f",
        "1.26": "sha256:3aff6657219a4d9c14e27fb1d8976c49c29fddb70ba835014f477e1c70636647",
    },
)
_STATIC = BaseImage(
    "gcr.io/distroless/static-debian12:nonroot",
    {"": "sha256:d093aa3e30dbadd3efe1310db061a14da60299baff8450a17fe0ccc514a16639"},
)
_SETUP = PinnedAction("actions/setup-go", "4b73464bb391d4059bd26b0524d20df3927bd417", "v6.3.0")


def refusal(component: Component) -> str:
    return ""


def steps(component: Component) -> list[Step]:
    """The toolchain that go.mod or go.work specifies, its modules, and the build."""
    return [
        {"uses": _SETUP.reference, "with": _version(component) | _cache(component)},
        {"name": "Build", "run": shlex.join(("go", "build", *component.build[5:]))},
    ]


def image(component: Component) -> list[str]:
    """Two stages: the final image holds the program and nothing else, not even a shell."""
    program = component.start[0].rpartition("/")[2]
    download = [f"COPY {' '.join(component.manifests)} ./", "RUN go mod download"]
    return [
        f"FROM {_GOLANG.reference(component.version or RUNTIME.default)} AS build",
        "WORKDIR /src",
        "ENV CGO_ENABLED=0",
        *(download if component.manifests and component.install else []),
        "COPY . .",
        f"RUN go build -trimpath -o /out/{program} {shlex.join(component.build[5:])}",
        "",
        f"FROM {_STATIC.reference()}",
        "WORKDIR /app",
        f"COPY --from=build /out/{program} ./",
    ]


def command(component: Component) -> Command:
    return component.start


def _version(component: Component) -> dict[str, str]:
    file = component.version_file or ("go.work" if component.workspace is not None else "")
    if file:
        return {"go-version-file": below(component.folder, file)}
    return {"go-version": component.version or default_version(RUNTIME.default)}


def _cache(component: Component) -> dict[str, str | bool]:
    if component.lock_file:
        return {"cache-dependency-path": below(component.root, component.lock_file)}
    return {"cache": False}
