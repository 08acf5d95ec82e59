"""Rust in a pipeline and in an image. https://hub.docker.com/_/rust, https://rust-lang.github.io/rustup/overrides.html"""

import shlex
from typing import Any

from onboarding.generate.images import base
from onboarding.stacks import Command, Component

MEMORY = ("32Mi", "128Mi")


def refuses(one: Component) -> str:
    return ""


def steps(one: Component) -> list[dict[str, Any]]:
    """The runner brings rustup, which takes the toolchain that the repository names."""
    toolchain = one.version or "stable"
    return [
        {
            "name": "Install the toolchain",
            "run": shlex.join(
                ("rustup", "toolchain", "install", toolchain, "--profile", "minimal", "--no-self-update")
            ),
        }
    ]


def image(one: Component) -> list[str]:
    """Two stages: what runs is the program and the C library."""
    return [
        f"FROM {base('rust', '1')} AS build",
        "WORKDIR /src",
        "COPY . .",
        f"RUN {shlex.join(one.build)}",
        "",
        f"FROM {base('cc')}",
        "WORKDIR /app",
        f"COPY --from=build /src/target/release/{one.start[0].rpartition('/')[2]} ./",
    ]


def command(one: Component) -> Command:
    return one.start
