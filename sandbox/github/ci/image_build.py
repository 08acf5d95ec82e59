"""Builds an image as far as a machine without containers can: files are copied, installs really run, the rest is named.

The result is a folder that stands for the image's `/`, and what the image says about running it.
"""

import copy
import re
import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from sandbox.github.ci import pip, toolchains
from sandbox.github.ci.dockerfile import DockerfileError, Instruction, expand, parse
from sandbox.github.workflows import patterns
from sandbox.registry import images as registry

SITE_PACKAGES = "/usr/local/lib/site-packages"
STACKS = {
    "python": ("python", "uv"),
    "node": ("node", "bun"),
    "go": ("golang",),
    "java": ("maven", "temurin", "openjdk", "gradle"),
}
FILE_PROGRAMS = ("cp", "mv", "rm", "test", "mkdir")
"""Really run, on the files of the stage; places of the image become those of its folder."""

BASE_COMMANDS = {"python": ["python3"], "node": ["node"]}
SEPARATORS = re.compile(r"&&|;|\n|\|\|")

Line = Callable[[str], None]
Execute = Callable[[list[str], Path, dict[str, str]], int]


@dataclass
class Stage(registry.Built):
    """An image while it is built: `command` is what follows the entry point."""

    entrypoint: list[str] = field(default_factory=list)

    def path(self, place: str) -> Path:
        """Where a path of the image lies on the disk; relative ones are below the working directory."""
        pure = PurePosixPath(self.workdir) / place
        clean = [part for part in pure.parts[1:] if part not in (".", "")]
        if ".." in clean:
            raise DockerfileError(f"{place}: the sandbox does not follow '..' in an image")
        return self.root.joinpath(*clean)


class Build:
    """One build. `execute` runs a command in a folder and returns its exit code; `line` writes to the log."""

    def __init__(self, context: Path, folder: Path, line: Line, execute: Execute) -> None:
        self._context = context.resolve()
        self._folder = folder
        self._line = line
        self._execute = execute
        self._stages: dict[str, Stage] = {}
        self._ignored = _ignored(self._context)

    def build(self, text: str) -> Stage:
        """The last stage. Raises DockerfileError."""
        instructions = parse(text)
        stage: Stage | None = None
        outer: dict[str, str] = {}
        args: dict[str, str] = {}
        for number, one in enumerate(instructions, 1):
            self._line(f"#{number} [{number}/{len(instructions)}] {one.name} {one.text.splitlines()[0]}")
            if one.name == "FROM":
                stage, args = self._from(one, outer), {}
            elif one.name == "ARG":
                self._arg(one, args if stage else outer, outer)
            elif stage is None:
                raise DockerfileError(f"dockerfile parse error on line {one.line}: no build stage in current context")
            else:
                self._apply(stage, one, args | stage.environment)
        if stage is None:
            raise DockerfileError("dockerfile parse error: no build stage in current context")
        return stage

    def _from(self, one: Instruction, outer: dict[str, str]) -> Stage:
        words = expand(one.text, outer).split()
        name = words[2] if len(words) == 3 and words[1].lower() == "as" else str(len(self._stages))
        root = self._folder / f"stage-{len(self._stages)}"
        made = self._based_on(words[0], root)
        self._stages[name.lower()] = made
        return made

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
        self._line(f"   the base image {reference} stands for this machine's own {stack} tools")
        return Stage(root, stack=stack, command=BASE_COMMANDS.get(stack, [])[:])

    def _arg(self, one: Instruction, args: dict[str, str], outer: dict[str, str]) -> None:
        for word in one.words:
            name, equals, usual = word.partition("=")
            value = expand(usual, args) if equals else outer.get(name)
            if value is not None:
                args[name] = value

    def _apply(self, stage: Stage, one: Instruction, variables: dict[str, str]) -> None:
        match one.name:
            case "WORKDIR":
                stage.workdir = str(PurePosixPath(stage.workdir) / expand(one.text, variables))
                stage.path(".").mkdir(parents=True, exist_ok=True)
            case "ENV":
                pairs = (word.partition("=") for word in one.words)
                stage.environment |= {name: expand(value, variables) for name, _, value in pairs}
            case "USER":
                stage.user = expand(one.text, variables)
            case "EXPOSE":
                port = re.match(r"\d+", expand(one.words[0], variables))
                stage.port = stage.port or (int(port[0]) if port else None)
            case "COPY" | "ADD":
                self._copy(stage, one, variables)
            case "RUN":
                self._run(stage, one, variables)
            case "ENTRYPOINT":
                stage.entrypoint, stage.command = _command(one), []
            case "CMD":
                stage.command = _command(one)

    def _copy(self, stage: Stage, one: Instruction, variables: dict[str, str]) -> None:
        words = [expand(word, variables) for word in one.words]
        if len(words) < 2:
            raise DockerfileError(
                f"dockerfile parse error on line {one.line}: {one.name} requires at least two arguments"
            )
        *sources, target = words
        other = self._stage_of(one)
        if other:  # what is copied may lack what was not really made there
            stage.pretended += [one for one in other.pretended if one not in stage.pretended]
        source_root = other.root if other else self._context
        found = [path for source in sources for path in self._sources(source_root, source, "from" in one.flags)]
        into_folder = target.endswith("/") or target in (".", "./") or len(found) > 1 or stage.path(target).is_dir()
        for path in found:
            self._place(path, stage.path(target), into_folder, filtered="from" not in one.flags)

    def _stage_of(self, one: Instruction) -> Stage | None:
        """The stage that is copied from; None where it is the context."""
        name = one.flags.get("from")
        if name is None or name.lower() in self._stages:
            return self._stages[name.lower()] if name else None
        raise DockerfileError(f"failed to solve: {name}: the sandbox copies from stages only")

    def _sources(self, root: Path, source: str, stage: bool) -> list[Path]:
        relative = source.lstrip("/") or "."
        found = sorted(root.glob(relative)) if re.search(r"[*?\[]", relative) else [root / relative]
        kept = [path for path in found if path.exists() and (stage or not self._is_ignored(path))]
        if not kept or not all(path.resolve().is_relative_to(root.resolve()) for path in kept):
            raise DockerfileError(
                "failed to solve: failed to compute cache key: failed to calculate checksum of ref: "
                f'"/{relative}": not found'
            )
        return kept

    def _place(self, path: Path, target: Path, into_folder: bool, filtered: bool) -> None:
        if path.is_dir():
            for item in sorted(path.rglob("*")):
                if item.is_file() and not (filtered and self._is_ignored(item)):
                    _copy_file(item, target / item.relative_to(path))
            target.mkdir(parents=True, exist_ok=True)
        else:
            _copy_file(path, target / path.name if into_folder else target)

    def _is_ignored(self, path: Path) -> bool:
        return patterns.matches(self._ignored, path.relative_to(self._context).as_posix())

    def _run(self, stage: Stage, one: Instruction, variables: dict[str, str]) -> None:
        listed = one.listed
        commands = [listed] if listed else [_split(text) for text in SEPARATORS.split(one.text) if text.strip()]
        for words in commands:
            expanded = [expand(word, variables) for word in words]
            if not self._known(stage, expanded):
                stage.pretended.append(" ".join(words))
                self._line(f"   pretended, not run: {' '.join(words)}")

    def _known(self, stage: Stage, words: list[str]) -> bool:
        """Run a command that the sandbox knows; false for others. Raises DockerfileError when it fails."""
        program, rest = PurePosixPath(words[0]).name, words[1:]
        if program.startswith("python") and rest[:2] == ["-m", "pip"]:
            program, rest = "pip", rest[2:]
        if program in ("pip", "pip3") and rest[:1] == ["install"]:
            self._pip(stage, rest[1:])
        elif program == "npm" and rest[:1] in (["ci"], ["install"], ["i"]):
            self._must(["npm", *rest], stage.path("."))
        elif program in FILE_PROGRAMS and not any(".." in word for word in rest):
            self._must([program, *self._inside(stage, rest)], stage.path("."))
        elif toolchains.stack_of(program) and toolchains.there(toolchains.stack_of(program)):
            variables = toolchains.environment(toolchains.stack_of(program)) | stage.environment
            self._must([program, *self._inside(stage, rest)], stage.path("."), variables)
        else:
            return False
        return True

    def _inside(self, stage: Stage, words: list[str]) -> list[str]:
        """Absolute paths of the image as those of its folder, patterns as the files that fit them."""
        found: list[str] = []
        for word in words:
            place = str(stage.path(word)) if word.startswith("/") else word
            fitting = sorted(stage.path(".").glob(word)) if "*" in word and not word.startswith("/") else []
            fitting = fitting or (
                sorted(stage.root.glob(word.lstrip("/"))) if "*" in word and word.startswith("/") else []
            )
            found += [str(one) for one in fitting] or [place]
        return found

    def _pip(self, stage: Stage, words: list[str]) -> None:
        target = stage.path(SITE_PACKAGES)
        folder = stage.path(".")
        self._must([*pip.command(), "install", "--no-warn-script-location", "--target", str(target), *words], folder)
        if target.is_dir():
            stage.environment.setdefault("PYTHONPATH", SITE_PACKAGES)

    def _must(self, command: list[str], folder: Path, variables: dict[str, str] | None = None) -> None:
        code = self._execute(command, folder, variables or {})
        if code:
            said = " ".join(command)
            raise DockerfileError(
                f'failed to solve: process "/bin/sh -c {said}" did not complete successfully: exit code: {code}'
            )


def stack_of(reference: str) -> str:
    """`python`, `node`, `go`, `java` or `other`, by the name of a base image."""
    name = reference.partition("@")[0].lower()
    return next((stack for stack, marks in STACKS.items() if any(mark in name for mark in marks)), "other")


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text) or [text]
    except ValueError:
        return text.split()


def _command(one: Instruction) -> list[str]:
    listed = one.listed
    return listed if listed is not None else ["/bin/sh", "-c", one.text]


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _ignored(context: Path) -> list[str]:
    """The patterns of .dockerignore, each for the path itself and everything below it."""
    path = context / ".dockerignore"
    lines = path.read_text(errors="replace").splitlines() if path.is_file() else []
    found = [".git", ".git/**"] if not lines else []
    for line in (line.strip() for line in lines):
        if line and not line.startswith("#"):
            sign, glob = ("!", line[1:]) if line.startswith("!") else ("", line)
            glob = glob.strip("/").removeprefix("./")
            found += [f"{sign}{glob}", f"{sign}{glob}/**"]
    return found
