"""A Dockerfile of the repository's own: it decides how the component is built and started.

https://docs.docker.com/reference/dockerfile/
"""

import json
import re
import shlex
from dataclasses import replace

from onboarding.stacks.components import Component, Evidence
from onboarding.stacks.folder import Folder

FAMILY = "dockerfile"
NAMES = ("Dockerfile", "Containerfile")


def read(folder: Folder, name: str) -> Component | None:
    """The component that the Dockerfile alone tells of."""
    file = folder.has(*NAMES)
    if not file:
        return None
    blank = Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language="",
        version="",
        version_file="",
        framework="",
        package_manager="",
        lock_file="",
        has_requirements=False,
        start=(),
        test=(),
        port=8080,
        health_path="/",
        metrics_path="",
        container_file="",
        settings=(),
        evidence=(),
        confidence="likely",
    )
    return decided_by(blank, folder)


def decided_by(component: Component, folder: Folder) -> Component:
    """The component with what its own Dockerfile says of starting and port, where there is one."""
    file = folder.has(*NAMES)
    if not file:
        return component
    path, text = folder.path(file), folder.text(file)
    evidence = [*component.evidence, Evidence(path, None, "is the repository's own container file and is kept")]
    port = component.port
    exposed = re.search(r"^\s*EXPOSE\s+(\d{1,5})", text, re.MULTILINE | re.IGNORECASE)
    if exposed:
        port = int(exposed[1])
        evidence.append(Evidence(path, text.count("\n", 0, exposed.start()) + 1, f"exposes port {port}"))
    return replace(
        component, container_file=path, port=port, start=_command(text) or component.start, evidence=tuple(evidence)
    )


def _command(text: str) -> tuple[str, ...]:
    """ENTRYPOINT and CMD of the last stage, in the exec form's words."""
    last = re.split(r"^\s*FROM\s", text, flags=re.MULTILINE | re.IGNORECASE)[-1]
    words: list[str] = []
    for instruction in ("ENTRYPOINT", "CMD"):
        found = re.findall(rf"^\s*{instruction}\s+(.+)$", last, re.MULTILINE | re.IGNORECASE)
        if found:
            words += _form(found[-1].strip())
    return tuple(words)


def _form(given: str) -> list[str]:
    try:
        listed = json.loads(given) if given.startswith("[") else shlex.split(given)
    except ValueError:
        return ["sh", "-c", given]
    return [str(one) for one in listed]
