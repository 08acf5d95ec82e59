"""A Dockerfile for a component that has none. https://docs.docker.com/build/building/best-practices/"""

import json

from generate.files import File, below
from generate.toolchains import TOOLCHAINS
from stacks import Component

USER = "10001:10001"
"""A number, so that the cluster can verify that it is not root."""

IGNORED = """\
.git
.github
deploy
Dockerfile
.dockerignore
**/.env
**/.env.*
**/.venv
**/__pycache__
**/node_modules
**/target
**/bin/Debug
**/obj
"""
_HEADER = """\
# The image of {name}. Proposed by Onramp; change it as you like.
# Base images are pinned by digest where one is known. Renovate and Dependabot update tag and digest together.
"""


def container_files(component: Component) -> list[File]:
    """The Dockerfile and its ignore file. No files for a component with its own Dockerfile; no second ignore file."""
    if component.container_file:
        return []
    files = [_dockerfile(component)]
    if not component.ignore_file:
        # .dockerignore applies to every image built from its folder; one named after a Dockerfile only to that one.
        name = ".dockerignore" if component.workspace is None else "Dockerfile.dockerignore"
        why = "keeps the Git history and local files out of the image"
        files.append(File(below(component.root, name), IGNORED, why))
    return files


def _dockerfile(component: Component) -> File:
    toolchain = TOOLCHAINS[component.family]
    lines = [
        *toolchain.image(component),
        f"ENV PORT={component.port}",
        f"EXPOSE {component.port}",
        f"USER {USER}",
        f"CMD {json.dumps(list(toolchain.command(component)))}",
    ]
    text = _HEADER.format(name=component.name) + "\n".join(_join_runs(lines)) + "\n"
    why = f"builds the image of {component.name}, which runs as a non-root user and listens on the port its code names"
    return File(below(component.root, "Dockerfile"), text, why)


def _join_runs(lines: list[str]) -> list[str]:
    """Consecutive RUN lines become one layer. https://docs.docker.com/build/building/best-practices/#run"""
    joined: list[str] = []
    for line in lines:
        if line.startswith("RUN ") and joined and joined[-1].startswith("RUN "):
            joined[-1] += f" \\\n && {line[4:]}"
        else:
            joined.append(line)
    return joined
