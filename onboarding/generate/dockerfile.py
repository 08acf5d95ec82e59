"""A container file for a component that has none. https://docs.docker.com/build/building/best-practices/"""

import json

from onboarding.generate.files import File, below
from onboarding.generate.toolchains import TOOLCHAINS
from onboarding.stacks import Component

USER = "10001:10001"
"""A number, so that the cluster can see that it is not root."""

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
# The image of {name}. Proposed by Onramp; it is yours to change.
# Base images are named by tag and digest: what was tested is what is built. Renovate or Dependabot move both together.
"""


def _joined(lines: list[str]) -> list[str]:
    """What runs one after the other is one layer. https://docs.docker.com/build/building/best-practices/#run"""
    found: list[str] = []
    for line in lines:
        if line.startswith("RUN ") and found and found[-1].startswith("RUN "):
            found[-1] += f" \\\n && {line[4:]}"
        else:
            found.append(line)
    return found


def container_files(one: Component) -> list[File]:
    """Nothing where the component has its own container file, and no second list of what to ignore."""
    if one.container_file:
        return []
    tools = TOOLCHAINS[one.family]
    end = [f"ENV PORT={one.port}", f"EXPOSE {one.port}", f"USER {USER}", f"CMD {json.dumps(list(tools.command(one)))}"]
    text = _HEADER.format(name=one.name) + "\n".join(_joined([*tools.image(one), *end])) + "\n"
    why = f"builds the image of {one.name}: no root user, the port its code names"
    found = [File(below(one.root, "Dockerfile"), text, why)]
    if not one.ignore_file:
        why = "keeps the history and local leftovers out of the image"
        # The list of the context's folder is for all; one beside a container file is for that file alone.
        name = ".dockerignore" if one.workspace is None else "Dockerfile.dockerignore"
        found.append(File(below(one.root, name), IGNORED, why))
    return found
