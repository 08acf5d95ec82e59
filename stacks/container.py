"""The repository's own Dockerfile: it decides how a component is built and started.

https://docs.docker.com/reference/dockerfile/
"""

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import patterns
from stacks.components import Command, Component, Evidence
from stacks.folder import Folder

FAMILY_NAME = "dockerfile"
NAMES = ("Dockerfile", "Containerfile")
IGNORE = ".dockerignore"
_INSTRUCTION = patterns.compile(r"\s*(?P<name>[A-Za-z]+)\s+(?P<rest>\S.*)", dot_all=True)
_PORT = patterns.compile(r"\d{1,5}\b")


def read(folder: Folder, name: str) -> Component | None:
    """The component of a folder with a container file and nothing else that is recognised."""
    return complete(Component(name=name, root=folder.root, family=FAMILY_NAME), folder) if folder.has(*NAMES) else None


def complete(component: Component, folder: Folder) -> Component:
    """The component with the start command and the port of its own container file, if it has one."""
    file = folder.has(*NAMES)
    ignore_file = folder.path(IGNORE) if IGNORE in folder.files else ""
    if not file:
        return replace(component, ignore_file=ignore_file)
    path = folder.path(file)
    evidence = [*component.evidence, Evidence(path, None, "is the repository's own container file; Onramp keeps it")]
    instructions = _last_stage(folder.text(file))
    port, line = _exposed(instructions)
    if port:
        evidence.append(Evidence(path, line, f"exposes port {port}"))
    return replace(
        component,
        container_file=path,
        ignore_file=ignore_file,
        port=port or component.port,
        start=_command(instructions) or component.start,
        evidence=tuple(evidence),
    )


def base(text: str) -> str:
    """The base image of the last stage; empty if the file has no stage."""
    bases = _bases(text)
    return bases[-1] if bases else ""


def images(folder: Folder) -> list[str]:
    """The base images of the folder's container file without tag and digest, the last stage first."""
    bases = _bases(folder.text(folder.has(*NAMES)))
    return [base.partition("@")[0].partition(":")[0] for base in reversed(bases)]


def _bases(text: str) -> list[str]:
    return [instruction.rest.split()[0] for instruction in _instructions(text) if instruction.name == "FROM"]


class Instruction(NamedTuple):
    """`name` is in capitals."""

    line: int
    name: str
    rest: str


def _instructions(text: str) -> Iterator[Instruction]:
    """The instructions of a file without comments; continued lines are joined."""
    joined, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or (not line.strip() and joined):
            continue
        start = start if joined else number
        if line.rstrip().endswith("\\"):
            joined += f"{line.rstrip()[:-1]} "
            continue
        match = _INSTRUCTION.fullmatch(joined + line)
        joined = ""
        if match:
            yield Instruction(start, match["name"].upper(), match["rest"].strip())


def _last_stage(text: str) -> list[Instruction]:
    stages: list[list[Instruction]] = [[]]
    for instruction in _instructions(text):
        if instruction.name == "FROM":
            stages.append([])
        stages[-1].append(instruction)
    return stages[-1]


def _exposed(instructions: list[Instruction]) -> tuple[int, int]:
    """(port, line) of the first EXPOSE with a number; (0, 0) if there is none or the number is no port."""
    for line, name, rest in instructions:
        match = _PORT.match(rest) if name == "EXPOSE" else None
        if match:
            port = int(match[0])
            return (port, line) if 0 < port < 65536 else (0, 0)
    return 0, 0


def _command(instructions: list[Instruction]) -> Command:
    """ENTRYPOINT and CMD as one argument list; the last of each counts."""
    last = {name: rest for _, name, rest in instructions if name in ("ENTRYPOINT", "CMD")}
    return tuple(word for name in ("ENTRYPOINT", "CMD") for word in _arguments(last.get(name, "")))


def _arguments(text: str) -> list[str]:
    """Both forms of a command: a JSON list, or a line for a shell."""
    try:
        words = json.loads(text) if text.startswith("[") else shlex.split(text)
    except (ValueError, RecursionError):
        return ["sh", "-c", text]
    return [str(word) for word in words] if isinstance(words, list) else []
