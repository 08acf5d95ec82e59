"""Parsing Dockerfiles into instructions. https://docs.docker.com/reference/dockerfile/"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

INSTRUCTIONS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
    "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip
VARIABLE = re.compile(r"\\\$|\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})")


class DockerfileError(Exception):
    """The Dockerfile is invalid, or its build failed. The message is worded as docker's."""


@dataclass(frozen=True)
class Instruction:
    name: str
    flags: Mapping[str, str]
    text: str
    line: int

    @property
    def words(self) -> list[str]:
        """The arguments: those of the exec form, or split as a shell does. Raises DockerfileError."""
        exec_form = self.exec_form
        if exec_form is not None:
            return exec_form
        try:
            return shlex.split(self.text)
        except ValueError as error:
            raise DockerfileError(f"dockerfile parse error on line {self.line}: {error}") from error

    @property
    def exec_form(self) -> list[str] | None:
        """The words of the exec form (`["a", "b"]`), or None for the shell form."""
        if not self.text.startswith("["):
            return None
        try:
            words = json.loads(self.text)
        except ValueError:
            return None
        return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None


def parse(text: str) -> list[Instruction]:
    """Raises DockerfileError."""
    instructions = list(_instructions(text.splitlines()))
    if not any(instruction.name == "FROM" for instruction in instructions):
        raise DockerfileError("dockerfile parse error: no build stage in current context")
    return instructions


def _instructions(lines: list[str]) -> Iterator[Instruction]:
    number = 0
    while number < len(lines):
        start = number
        text, number = _joined(lines, number)
        if not text:
            continue
        name, _, rest = text.partition(" ")
        if name.upper() not in INSTRUCTIONS:
            raise DockerfileError(f"dockerfile parse error on line {start + 1}: unknown instruction: {name}")
        flags, rest = _flags(rest.strip())
        if not rest:
            raise DockerfileError(f"dockerfile parse error on line {start + 1}: {name.upper()} requires an argument")
        yield Instruction(name.upper(), flags, rest, start + 1)


def _joined(lines: list[str], number: int) -> tuple[str, int]:
    """The continued lines of one instruction, without comments, and the index of the line after it."""
    parts: list[str] = []
    while number < len(lines):
        line = lines[number].strip()
        number += 1
        if line.startswith("#") or (not line and parts):
            continue
        parts.append(line.removesuffix("\\").rstrip())
        if not line.endswith("\\"):
            break
    return " ".join(part for part in parts if part), number


def _flags(rest: str) -> tuple[dict[str, str], str]:
    flags: dict[str, str] = {}
    while match := re.match(r"--([a-z]+)(?:=(\S+))?\s*", rest):
        flags[match[1]] = match[2] or ""
        rest = rest[match.end() :]
    return flags, rest


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replace `$NAME`, `${NAME}` and `${NAME:-default}`."""

    def replacement(match: re.Match[str]) -> str:
        if match[0] == "\\$":
            return "$"
        value = variables.get(match[1] or match[2], "")
        return value or match[3] or ""

    return VARIABLE.sub(replacement, text)
