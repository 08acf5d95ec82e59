"""A container file for a component that has none. https://docs.docker.com/build/building/best-practices/"""

import json

from onboarding.generate.files import File
from onboarding.stacks import Component
from onboarding.stacks.node import DEFAULT_VERSION as NODE_VERSION
from onboarding.stacks.python import DEFAULT_VERSION as PYTHON_VERSION

USER = "10001:10001"
"""A number, so that the cluster can see that it is not root."""

IGNORED = ".git\n.github\ndeploy\nnode_modules\n.venv\n__pycache__\n*.pyc\n.env\nDockerfile\n.dockerignore\n"


def container_files(one: Component, existing: frozenset[str] = frozenset()) -> list[File]:
    """Nothing where the component has its own container file."""
    if one.container_file:
        return []
    prefix = f"{one.root}/" if one.root else ""
    lines = _python(one) if one.family == "python" else _node(one)
    end = [f"ENV PORT={one.port}", f"EXPOSE {one.port}", f"USER {USER}", f"CMD {json.dumps(list(one.start))}"]
    text = (
        "\n".join(["# The image of " + one.name + ". Proposed by Onramp; it is yours to change.", *lines, *end]) + "\n"
    )
    return [
        File(f"{prefix}Dockerfile", text, f"builds the image of {one.name}: no root user, the port its code names"),
        File(f"{prefix}.dockerignore", IGNORED, "keeps the history and local leftovers out of the image"),
    ]


def _python(one: Component) -> list[str]:
    lines = [f"FROM python:{one.version or PYTHON_VERSION}-slim", "WORKDIR /app"]
    lines.append("ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1")
    if one.has_requirements:
        lines += ["COPY requirements.txt ./", "RUN pip install --no-cache-dir --requirement requirements.txt"]
    return [*lines, "COPY . ."]


def _node(one: Component) -> list[str]:
    lines = [f"FROM node:{one.version or NODE_VERSION}-slim", "WORKDIR /app", "ENV NODE_ENV=production"]
    if one.lock_file == "package-lock.json":
        lines += ["COPY package.json package-lock.json ./", "RUN npm ci --omit=dev"]
    return [*lines, "COPY . ."]
