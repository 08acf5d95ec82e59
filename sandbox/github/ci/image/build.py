"""The build of an image from a Dockerfile."""

import copy
import re
import shutil
from dataclasses import replace
from pathlib import Path, PurePosixPath

from sandbox.github.ci.image.copying import CopySource, ignore_patterns
from sandbox.github.ci.image.dockerfile import DockerfileError, Instruction, expand, parse
from sandbox.github.ci.image.running import CommandRunner, Execute, Line
from sandbox.github.ci.image.stage import Stage, stack_of
from sandbox.registry import images as registry

BASE_COMMANDS = {"python": ["python3"], "node": ["node"]}


class Build:
    """One build. `execute` runs a command in a folder and returns its exit code; `line` writes to the log."""

    def __init__(self, context: Path, folder: Path, line: Line, execute: Execute) -> None:
        root = context.resolve()
        self._context = CopySource(root, ignore_patterns(root))
        self._folder = folder
        self._line = line
        self._commands = CommandRunner(line, execute)
        self._stages: dict[str, Stage] = {}

    def build(self, text: str) -> Stage:
        """The last stage. Raises DockerfileError."""
        instructions = parse(text)
        stage: Stage | None = None
        global_args: dict[str, str] = {}
        args: dict[str, str] = {}
        for number, instruction in enumerate(instructions, 1):
            first_line = instruction.text.splitlines()[0]
            self._line(f"#{number} [{number}/{len(instructions)}] {instruction.name} {first_line}")
            if instruction.name == "FROM":
                stage, args = self._start_stage(instruction, global_args), {}
            elif instruction.name == "ARG":
                _set_args(instruction, args if stage else global_args, global_args)
            elif stage is None:
                message = "no build stage in current context"
                raise DockerfileError(f"dockerfile parse error on line {instruction.line}: {message}")
            else:
                self._apply(stage, instruction, args | stage.environment)
        if stage is None:
            raise DockerfileError("dockerfile parse error: no build stage in current context")
        return stage

    def _start_stage(self, instruction: Instruction, global_args: dict[str, str]) -> Stage:
        words = expand(instruction.text, global_args).split()
        name = words[2] if len(words) == 3 and words[1].lower() == "as" else str(len(self._stages))
        root = self._folder / f"stage-{len(self._stages)}"
        stage = self._based_on(words[0], root)
        self._stages[name.lower()] = stage
        return stage

    def _based_on(self, reference: str, root: Path) -> Stage:
        earlier = self._stages.get(reference.lower())
        if earlier:
            shutil.copytree(earlier.root, root, symlinks=True)
            return replace(copy.deepcopy(earlier), root=root)
        pushed = registry.find(reference)
        if pushed:
            shutil.copytree(pushed.root, root, symlinks=True)
            return Stage(root, **{name: getattr(pushed, name) for name in registry.Built(root).described()})
        root.mkdir(parents=True)
        stack = stack_of(reference)
        self._line(f"   instead of the base image {reference}, the {stack} tools of this machine are used")
        return Stage(root, stack=stack, command=BASE_COMMANDS.get(stack, [])[:])

    def _apply(self, stage: Stage, instruction: Instruction, variables: dict[str, str]) -> None:
        match instruction.name:
            case "WORKDIR":
                stage.workdir = str(PurePosixPath(stage.workdir) / expand(instruction.text, variables))
                stage.path(".").mkdir(parents=True, exist_ok=True)
            case "ENV":
                pairs = (word.partition("=") for word in instruction.words)
                stage.environment |= {name: expand(value, variables) for name, _, value in pairs}
            case "USER":
                stage.user = expand(instruction.text, variables)
            case "EXPOSE":
                port = re.match(r"\d+", expand(instruction.words[0], variables))
                stage.port = stage.port or (int(port[0]) if port else None)
            case "COPY" | "ADD":
                self._copy(stage, instruction, variables)
            case "RUN":
                self._commands.run(stage, instruction, variables)
            case "ENTRYPOINT":
                stage.entrypoint, stage.command = _command(instruction), []
            case "CMD":
                stage.command = _command(instruction)

    def _copy(self, stage: Stage, instruction: Instruction, variables: dict[str, str]) -> None:
        words = [expand(word, variables) for word in instruction.words]
        if len(words) < 2:
            message = f"{instruction.name} requires at least two arguments"
            raise DockerfileError(f"dockerfile parse error on line {instruction.line}: {message}")
        *names, target = words
        earlier = self._stage_to_copy_from(instruction)
        if earlier:  # the copied files may lack what its simulated commands would have created
            stage.pretended += [command for command in earlier.pretended if command not in stage.pretended]
        source = CopySource(earlier.root, []) if earlier else self._context
        paths = [path for name in names for path in self._find(source, name, earlier)]
        into_folder = target.endswith("/") or target in (".", "./") or len(paths) > 1 or stage.path(target).is_dir()
        for path in paths:
            source.copy(path, stage.path(target), into_folder)

    def _find(self, source: CopySource, name: str, earlier: Stage | None) -> list[Path]:
        """Raises DockerfileError for what does not exist, unless a simulated command would have created it."""
        try:
            return source.find(name)
        except DockerfileError:
            if earlier is None or not earlier.pretended:
                raise
            self._line(f"   simulated, not copied: {name}")
            return []

    def _stage_to_copy_from(self, instruction: Instruction) -> Stage | None:
        """The stage of `--from`, or None for the build context. Raises DockerfileError for anything else."""
        name = instruction.flags.get("from")
        if name is None or name.lower() in self._stages:
            return self._stages[name.lower()] if name else None
        raise DockerfileError(f"failed to solve: {name}: the sandbox copies from stages only")


def _set_args(instruction: Instruction, args: dict[str, str], global_args: dict[str, str]) -> None:
    for word in instruction.words:
        name, equals, default = word.partition("=")
        value = expand(default, args) if equals else global_args.get(name)
        if value is not None:
            args[name] = value


def _command(instruction: Instruction) -> list[str]:
    exec_form = instruction.exec_form
    return exec_form if exec_form is not None else ["/bin/sh", "-c", instruction.text]
