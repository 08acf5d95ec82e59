"""A Dockerfile of the repository's own: it decides how the component is built and started.

https://docs.docker.com/reference/dockerfile/
"""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace

from onboarding.stacks.components import Command, Component, Evidence
from onboarding.stacks.folder import Folder

FAMILY = "dockerfile"
NAMES = ("Dockerfile", "Containerfile")
IGNORE = ".dockerignore"
_INSTRUCTION = re.compile(r"\s*(?P<name>[A-Za-z]+)\s+(?P<rest>\S.*)", re.DOTALL)


def read(folder: Folder, name: str) -> Component | None:
    """The component that the Dockerfile alone tells of."""
    return decided_by(Component(name=name, root=folder.root, family=FAMILY), folder) if folder.has(*NAMES) else None


def decided_by(component: Component, folder: Folder) -> Component:
    """The component with what its own container file says of starting and port, where there is one."""
    file = folder.has(*NAMES)
    if not file:
        return replace(component, ignore_file=folder.path(IGNORE) if IGNORE in folder.files else "")
    path = folder.path(file)
    evidence = [*component.evidence, Evidence(path, None, "is the repository's own container file and is kept")]
    instructions = list(_last_stage(folder.text(file)))
    port = component.port
    exposed = next((one for one in instructions if one[1] == "EXPOSE" and re.match(r"\d{1,5}\b", one[2])), None)
    if exposed and 0 < int(exposed[2].split("/")[0].split()[0]) < 65536:
        port = int(exposed[2].split("/")[0].split()[0])
        evidence.append(Evidence(path, exposed[0], f"exposes port {port}"))
    return replace(
        component,
        container_file=path,
        ignore_file=folder.path(IGNORE) if IGNORE in folder.files else "",
        port=port,
        start=_command(instructions) or component.start,
        evidence=tuple(evidence),
    )


def base(text: str) -> str:
    """The image that the last stage is built on; nothing where the file has no stage."""
    found = [one[2].split()[0] for one in _instructions(text) if one[1] == "FROM"]
    return found[-1] if found else ""


_LANGUAGES = {
    "deno": "denoland/deno", "node": r"(?:^|/)(?:node|oven/bun)$", "python": r"(?:^|/)(?:python|uv)$|tiangolo/", "go": r"(?:^|/)golang$",
    "ruby": r"(?:^|/)ruby$", "php": r"(?:^|/)(?:php|composer|frankenphp)$", "rust": r"(?:^|/)rust$|cargo-chef", "dotnet": r"/dotnet/",
    "java": r"(?:^|/)(?:openjdk|eclipse-temurin|amazoncorretto|maven|gradle)$", "elixir": r"(?:^|/)elixir$", "scala": r"(?:^|/)sbt|scala-sbt",
    "clojure": r"(?:^|/)clojure$", "swift": r"(?:^|/)swift$", "dart": r"(?:^|/)dart$", "haskell": r"(?:^|/)haskell$",
}  # fmt: skip
"""Family → what images are called that bring its tools."""


def languages(folder: Folder) -> list[str]:
    """The families whose tools the folder's container file builds on, the last stage first; empty where it tells none."""
    file = folder.has(*NAMES)
    bases = [
        one[2].split()[0].partition("@")[0].partition(":")[0]
        for one in _instructions(folder.text(file))
        if one[1] == "FROM"
    ]
    return [family for base in reversed(bases) for family, name in _LANGUAGES.items() if re.search(name, base)]


Instruction = tuple[int, str, str]
"""(line, name in capitals, the rest)."""


def _instructions(text: str) -> Iterator[Instruction]:
    """The file's instructions, continued lines joined, comments left out."""
    joined, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or (not line.strip() and joined):
            continue
        start = start if joined else number
        if line.rstrip().endswith("\\"):
            joined += f"{line.rstrip()[:-1]} "
            continue
        found = _INSTRUCTION.fullmatch(joined + line)
        joined = ""
        if found:
            yield start, found["name"].upper(), found["rest"].strip()


def _last_stage(text: str) -> Iterator[Instruction]:
    stages: list[list[Instruction]] = [[]]
    for one in _instructions(text):
        if one[1] == "FROM":
            stages.append([])
        stages[-1].append(one)
    return iter(stages[-1])


def _command(instructions: list[Instruction]) -> Command:
    """ENTRYPOINT and CMD as one argument list; the last of each counts."""
    last = {name: rest for _, name, rest in instructions if name in ("ENTRYPOINT", "CMD")}
    return tuple(word for name in ("ENTRYPOINT", "CMD") for word in _form(last.get(name, "")))


def _form(given: str) -> list[str]:
    try:
        listed = json.loads(given) if given.startswith("[") else shlex.split(given)
    except (ValueError, RecursionError):
        return ["sh", "-c", given]
    return [str(one) for one in listed] if isinstance(listed, list) else []
