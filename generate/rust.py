"""Rust in pipelines and images. https://hub.docker.com/_/rust, https://rust-lang.github.io/rustup/overrides.html"""

import shlex

from generate.images import BaseImage
from generate.toolchain import Step, TravisLanguage
from stacks import Command, Component

MEMORY = ("32Mi", "128Mi")
EDITIONS: dict[str, str] = {}
TRAVIS = TravisLanguage("rust", "rust", caches=("cargo",))
_RUST = BaseImage("rust:1-slim", {"": "sha256:a818c23087b65be495e78fa329d577481e7700748bb2d1f28658b6bce3c7b931"})
_CC = BaseImage(
    "gcr.io/distroless/cc-debian12:nonroot",
    {"": "sha256:9dac0a79194e45a7da0158a9c6da57b217585af0786db3845d1f0ec1a0dd182f"},
)


def refusal(component: Component) -> str:
    return ""


def steps(component: Component) -> list[Step]:
    """The runner comes with rustup, which installs the toolchain that the repository specifies."""
    toolchain = component.version or "stable"
    install = ("rustup", "toolchain", "install", toolchain, "--profile", "minimal", "--no-self-update")
    return [{"name": "Install the toolchain", "run": shlex.join(install)}]


def image(component: Component) -> list[str]:
    """Two stages: the final image holds the program and the C library."""
    program = component.start[0].rpartition("/")[2]
    return [
        f"FROM {_RUST.reference()} AS build",
        "WORKDIR /src",
        "COPY . .",
        f"RUN {shlex.join(component.build)}",
        "",
        f"FROM {_CC.reference()}",
        "WORKDIR /app",
        f"COPY --from=build /src/target/release/{program} ./",
    ]


def command(component: Component) -> Command:
    return component.start
