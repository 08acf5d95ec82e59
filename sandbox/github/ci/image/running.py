"""RUN instructions: commands that the sandbox supports are executed, and the others are simulated."""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sandbox.github.ci import pip, toolchains
from sandbox.github.ci.image.dockerfile import DockerfileError, Instruction, expand
from sandbox.github.ci.image.stage import Stage

SITE_PACKAGES = "/usr/local/lib/site-packages"
FILE_PROGRAMS = ("cp", "mv", "rm", "test", "mkdir")
"""Executed on the files of the stage; absolute paths are translated to paths in its folder."""
SEPARATORS = re.compile(r"&&|;|\n|\|\|")

Line = Callable[[str], None]
Execute = Callable[[list[str], Path, dict[str, str]], int]


@dataclass(frozen=True)
class CommandRunner:
    """`execute` runs a command in a folder and returns its exit code; `line` writes to the log."""

    line: Line
    execute: Execute

    def run(self, stage: Stage, instruction: Instruction, variables: dict[str, str]) -> None:
        """Run the commands of a RUN instruction one by one. Raises DockerfileError when one fails."""
        exec_form = instruction.exec_form
        commands = [exec_form] if exec_form else _split_commands(instruction.text)
        for words in commands:
            if not self._run_supported(stage, [expand(word, variables) for word in words]):
                stage.pretended.append(" ".join(words))
                self.line(f"   simulated, not run: {' '.join(words)}")

    def _run_supported(self, stage: Stage, words: list[str]) -> bool:
        """Run the command if the sandbox supports it, or return False. Raises DockerfileError when it fails."""
        program, rest = PurePosixPath(words[0]).name, words[1:]
        if program.startswith("python") and rest[:2] == ["-m", "pip"]:
            program, rest = "pip", rest[2:]
        stack = toolchains.stack_of(program)
        if program in ("pip", "pip3") and rest[:1] == ["install"]:
            self._pip_install(stage, rest[1:])
        elif program == "npm" and rest[:1] in (["ci"], ["install"], ["i"]):
            self._execute_checked(["npm", *rest], stage.path("."))
        elif program in FILE_PROGRAMS and not any(".." in word for word in rest):
            self._execute_checked([program, *_translated(stage, rest)], stage.path("."))
        elif stack and toolchains.is_available(stack):
            variables = toolchains.environment(stack) | stage.environment
            self._execute_checked([program, *_translated(stage, rest)], stage.path("."), variables)
        else:
            return False
        return True

    def _pip_install(self, stage: Stage, words: list[str]) -> None:
        target = stage.path(SITE_PACKAGES)
        command = [*pip.command(), "install", "--no-warn-script-location", "--target", str(target), *words]
        self._execute_checked(command, stage.path("."))
        if target.is_dir():
            stage.environment.setdefault("PYTHONPATH", SITE_PACKAGES)

    def _execute_checked(self, command: list[str], folder: Path, variables: dict[str, str] | None = None) -> None:
        code = self.execute(command, folder, variables or {})
        if code:
            text = " ".join(command)
            raise DockerfileError(
                f'failed to solve: process "/bin/sh -c {text}" did not complete successfully: exit code: {code}'
            )


def _translated(stage: Stage, words: list[str]) -> list[str]:
    """The arguments with absolute image paths replaced by paths on disk, and patterns by the matching files."""
    translated: list[str] = []
    for word in words:
        is_absolute = word.startswith("/")
        matching: list[Path] = []
        if "*" in word:
            matching = sorted(stage.root.glob(word.lstrip("/")) if is_absolute else stage.path(".").glob(word))
        literal = str(stage.path(word)) if is_absolute else word
        translated += [str(path) for path in matching] or [literal]
    return translated


def _split_commands(text: str) -> list[list[str]]:
    return [_split_words(command) for command in SEPARATORS.split(text) if command.strip()]


def _split_words(command: str) -> list[str]:
    try:
        return shlex.split(command) or [command]
    except ValueError:
        return command.split()
