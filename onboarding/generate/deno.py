"""Deno in a pipeline and in an image. https://github.com/denoland/setup-deno, https://docs.deno.com/runtime/reference/docker/"""

from typing import Any

from onboarding.generate.actions import pinned
from onboarding.generate.images import base
from onboarding.generate.text import noted
from onboarding.stacks import Command, Component

MEMORY = ("64Mi", "256Mi")


def refuses(one: Component) -> str:
    return ""


def steps(one: Component) -> list[dict[str, Any]]:
    version = f"v{one.version}" if one.version.count(".") == 2 else "v2.x"
    return [{"uses": noted(*pinned("denoland/setup-deno")), "with": {"deno-version": version, "cache": True}}]


def image(one: Component) -> list[str]:
    """Dependencies are fetched while the image is built, so that a start needs no network."""
    entry = [word for word in one.start if word.endswith((".ts", ".js", ".tsx"))]
    cached = [f"RUN deno cache {entry[-1]}"] if entry else ["RUN deno install"]
    return [
        f"FROM {base('deno')}",
        "WORKDIR /app",
        "ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1",
        "COPY . .",
        *cached,
    ]


def command(one: Component) -> Command:
    return one.start
