"""One step of a job: a script in a shell, or a stand-in for an action."""

import re
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.github.ci import process
from sandbox.github.ci.logs import StepLog
from sandbox.github.ci.state import JobState
from sandbox.github.workflows import expressions
from sandbox.github.workflows.syntax import Step

SHELLS = {
    "": ["bash", "--noprofile", "--norc", "-eo", "pipefail", "{0}"],
    "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail", "{0}"],
    "sh": ["sh", "-e", "{0}"],
    "python": ["python3", "{0}"],
}
COMMAND = re.compile(r"::(?P<name>[a-z-]+)(?: [^:]*)?::(?P<text>.*)")
FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
ESCAPES = {"%0A": "\n", "%0D": "\r", "%25": "%"}


class StepFailed(Exception):
    """The step ends here; the text is the error that its log shows."""


@dataclass
class StepRun:
    """A step while it runs."""

    state: JobState
    step: Step
    log: StepLog
    env: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""

    @property
    def deadline(self) -> float:
        """Of the monotonic clock: the job's, or the step's own where that comes first."""
        if self.step.timeout_minutes is None:
            return self.state.deadline
        minutes = expressions.number(self.step.timeout_minutes, self.state.scope(self.env))
        return min(self.state.deadline, time.monotonic() + 60 * minutes)

    def execute(self, command: list[str], folder: Path | None = None, extra: dict[str, str] | None = None) -> int:
        """Run a command with the step's variables, its lines in the log; returns the exit code."""
        environment = self.state.environment(self.env) | (extra or {})
        where = folder or self.state.work
        return process.run(command, where, environment, self._line, self.deadline, self.state.cancelled)

    def must(self, command: list[str], folder: Path | None = None, extra: dict[str, str] | None = None) -> None:
        """The same; raises StepFailed when it fails."""
        self.log.line(f"[command]{' '.join(command)}")
        code = self.execute(command, folder, extra)
        if code:
            raise StepFailed(f"The process '{command[0]}' failed with exit code {code}")

    def script(self) -> None:
        """The step's `run`. Raises StepFailed."""
        scope = self.state.scope(self.env)
        text = expressions.interpolate(self.step.run, scope)
        self._heading(text)
        shell, place = self._usual("shell"), expressions.interpolate(self._usual("working_directory"), scope)
        if shell not in SHELLS:
            raise StepFailed(f"The sandbox has no shell '{shell}'; it knows bash, sh and python.")
        folder = self.state.work / place
        if not folder.is_dir():
            raise StepFailed(f"The working directory {place} does not exist.")
        path = self.state.folder / "temp" / f"{uuid.uuid4()}.sh"
        path.write_text(text)
        files = {name: self.state.folder / "temp" / f"{name.lower()}_{uuid.uuid4()}" for name in FILES}
        for file in files.values():
            file.touch()
        command = [word.replace("{0}", str(path)) for word in SHELLS[shell]]
        code = self.execute(command, folder, {name: str(file) for name, file in files.items()})
        self._collect(files)
        if code:
            raise StepFailed(f"Process completed with exit code {code}.")

    def _usual(self, name: str) -> str:
        """What the step says, or else the defaults of its job, or of the workflow."""
        said = (self.step, self.state.spec.defaults.run, self.state.workflow.defaults.run)
        return next((text for one in said if (text := getattr(one, name))), "")

    def _heading(self, text: str) -> None:
        lines = text.rstrip("\n").splitlines() or [""]
        self.log.line(f"##[group]Run {lines[0]}")
        for line in lines:
            self.log.line(line)
        if self.env or self.state.env:
            self.log.line("env:")
            for name, value in (self.state.env | self.env).items():
                self.log.line(f"  {name}: {value}")
        self.log.line("##[endgroup]")

    def _line(self, text: str) -> None:
        match = COMMAND.match(text.strip())
        if not match:
            self.log.line(text)
            return
        said = match["text"]
        for code, meaning in ESCAPES.items():
            said = said.replace(code, meaning)
        match match["name"]:
            case "add-mask":
                self.log.mask(said)
            case "error":
                self.log.error(said)
            case kind:
                self.log.line(f"##[{kind}]{said}")

    def _collect(self, files: dict[str, Path]) -> None:
        """Read what the script left in the files for outputs, variables, PATH and the summary."""
        self.outputs |= assignments(files["GITHUB_OUTPUT"].read_text(errors="replace"))
        self.state.env |= assignments(files["GITHUB_ENV"].read_text(errors="replace"))
        self.state.path += files["GITHUB_PATH"].read_text(errors="replace").split("\n")[:-1]
        self.summary = files["GITHUB_STEP_SUMMARY"].read_text(errors="replace")


def assignments(text: str) -> dict[str, str]:
    """`name=value` lines and `name<<END … END` blocks. Raises StepFailed for anything else."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        if not line.strip():
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if heredoc >= 0 and (equals < 0 or heredoc < equals):
            name, end = line[:heredoc], line[heredoc + 2 :]
            block: list[str] = []
            for inner in lines:
                if inner == end:
                    break
                block.append(inner)
            else:
                raise StepFailed(f"Invalid value. Matching delimiter not found '{end}'")
            found[name] = "\n".join(block)
        elif equals > 0:
            found[line[:equals]] = line[equals + 1 :]
        else:
            raise StepFailed(f"Unable to process file command successfully. Invalid format '{line}'")
    return found
