"""Deno in pipelines and images. https://github.com/denoland/setup-deno,
https://docs.deno.com/runtime/reference/docker/"""

from generate.images import BaseImage
from generate.pinned_actions import PinnedAction
from generate.toolchain import Step, TravisLanguage
from stacks import Command, Component

MEMORY = ("64Mi", "256Mi")
EDITIONS: dict[str, str] = {}
TRAVIS = TravisLanguage()
_DENO = BaseImage("denoland/deno:2")
_SETUP = PinnedAction("denoland/setup-deno", "e95548e56dfa95d4e1a28d6f422fafe75c4c26fb", "v2.0.3")


def refusal(component: Component) -> str:
    return ""


def steps(component: Component) -> list[Step]:
    version = f"v{component.version}" if component.version.count(".") == 2 else "v2.x"
    return [{"uses": _SETUP.reference, "with": {"deno-version": version, "cache": True}}]


def image(component: Component) -> list[str]:
    """Dependencies are fetched while the image is built, so that the container starts without a network."""
    entries = [word for word in component.start if word.endswith((".ts", ".js", ".tsx"))]
    return [
        f"FROM {_DENO.reference()}",
        "WORKDIR /app",
        "ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1",
        "COPY . .",
        f"RUN deno cache {entries[-1]}" if entries else "RUN deno install",
    ]


def command(component: Component) -> Command:
    return component.start
