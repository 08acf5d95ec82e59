"""Dockerfiles, read into instructions. https://docs.docker.com/reference/dockerfile/"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

KNOWN = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
    "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip
VARIABLE = re.compile(r"\\\$|\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})")


class DockerfileError(Exception):
    """The file is no valid Dockerfile, or the build of it failed; worded as docker does."""


@dataclass(frozen=True)
class Instruction:
    name: str
    flags: Mapping[str, str]
    text: str
    line: int

    @property
    def words(self) -> list[str]:
        """The arguments: of the JSON form, or split as a shell does. Raises DockerfileError."""
        listed = self.listed
        if listed is not None:
            return listed
        try:
            return shlex.split(self.text)
        except ValueError as error:
            raise DockerfileError(f"dockerfile parse error on line {self.line}: {error}") from error

    @property
    def listed(self) -> list[str] | None:
        """The words of the exec form (`["a", "b"]`), or None for the shell form."""
        if not self.text.startswith("["):
            return None
        try:
            found = json.loads(self.text)
        except ValueError:
            return None
        return found if isinstance(found, list) and all(isinstance(word, str) for word in found) else None


def parse(text: str) -> list[Instruction]:
    """Raises DockerfileError."""
    found = list(_instructions(text.splitlines()))
    if not any(one.name == "FROM" for one in found):
        raise DockerfileError("dockerfile parse error: no build stage in current context")
    return found


def _instructions(lines: list[str]) -> Iterator[Instruction]:
    number = 0
    while number < len(lines):
        start = number
        whole, number = _joined(lines, number)
        if not whole:
            continue
        name, _, rest = whole.partition(" ")
        if name.upper() not in KNOWN:
            raise DockerfileError(f"dockerfile parse error on line {start + 1}: unknown instruction: {name}")
        flags, rest = _flags(rest.strip())
        if not rest:
            raise DockerfileError(f"dockerfile parse error on line {start + 1}: {name.upper()} requires an argument")
        yield Instruction(name.upper(), flags, rest, start + 1)


def _joined(lines: list[str], number: int) -> tuple[str, int]:
    """One instruction's lines without their backslashes and comments, and where the next begins."""
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
    """`$NAME`, `${NAME}` and `${NAME:-usual}`."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "\\$":
            return "$"
        found = variables.get(match[1] or match[2], "")
        return found or match[3] or ""

    return VARIABLE.sub(value, text)
