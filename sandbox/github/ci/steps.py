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
from sandbox.github.workflows.schema import Step

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
    """Ends the step. The message is the error in its log."""


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
        """In time.monotonic(): the earlier of the job's deadline and the step's own."""
        if self.step.timeout_minutes is None:
            return self.state.deadline
        minutes = expressions.number(self.step.timeout_minutes, self.state.scope(self.env))
        return min(self.state.deadline, time.monotonic() + 60 * minutes)

    def execute(self, command: list[str], folder: Path | None = None, extra: dict[str, str] | None = None) -> int:
        """Run a command with the step's variables, and log its output. Returns the exit code."""
        environment = self.state.environment(self.env) | (extra or {})
        folder = folder or self.state.work
        return process.run(command, folder, environment, self._log_line, self.deadline, self.state.cancelled)

    def execute_checked(
        self, command: list[str], folder: Path | None = None, extra: dict[str, str] | None = None
    ) -> None:
        """Like `execute`, but raises StepFailed when the command fails."""
        self.log.line(f"[command]{' '.join(command)}")
        code = self.execute(command, folder, extra)
        if code:
            raise StepFailed(f"The process '{command[0]}' failed with exit code {code}")

    def run_script(self) -> None:
        """Execute the step's `run`. Raises StepFailed."""
        scope = self.state.scope(self.env)
        text = expressions.interpolate(self.step.run, scope)
        self._log_heading(text)
        shell = self._with_defaults("shell")
        directory = expressions.interpolate(self._with_defaults("working_directory"), scope)
        if shell not in SHELLS:
            raise StepFailed(f"The sandbox has no shell '{shell}'; it supports bash, sh and python.")
        folder = self.state.work / directory
        if not folder.is_dir():
            raise StepFailed(f"The working directory {directory} does not exist.")
        temp = self.state.folder / "temp"
        script = temp / f"{uuid.uuid4()}.sh"
        script.write_text(text)
        files = {name: temp / f"{name.lower()}_{uuid.uuid4()}" for name in FILES}
        for file in files.values():
            file.touch()
        command = [word.replace("{0}", str(script)) for word in SHELLS[shell]]
        code = self.execute(command, folder, {name: str(file) for name, file in files.items()})
        self._read_command_files(files)
        if code:
            raise StepFailed(f"Process completed with exit code {code}.")

    def _with_defaults(self, name: str) -> str:
        """The step's setting, or the default of its job, or that of the workflow."""
        sources = (self.step, self.state.spec.defaults.run, self.state.workflow.defaults.run)
        return next((text for source in sources if (text := getattr(source, name))), "")

    def _log_heading(self, text: str) -> None:
        lines = text.rstrip("\n").splitlines() or [""]
        self.log.line(f"##[group]Run {lines[0]}")
        for line in lines:
            self.log.line(line)
        if self.env or self.state.env:
            self.log.line("env:")
            for name, value in (self.state.env | self.env).items():
                self.log.line(f"  {name}: {value}")
        self.log.line("##[endgroup]")

    def _log_line(self, text: str) -> None:
        """Log a line of output, and execute the workflow command that it may contain."""
        match = COMMAND.match(text.strip())
        if not match:
            self.log.line(text)
            return
        value = match["text"]
        for code, character in ESCAPES.items():
            value = value.replace(code, character)
        match match["name"]:
            case "add-mask":
                self.log.mask(value)
            case "error":
                self.log.error(value)
            case name:
                self.log.line(f"##[{name}]{value}")

    def _read_command_files(self, files: dict[str, Path]) -> None:
        """Read the outputs, variables, PATH entries and summary that the script wrote."""
        self.outputs |= parse_assignments(files["GITHUB_OUTPUT"].read_text(errors="replace"))
        self.state.env |= parse_assignments(files["GITHUB_ENV"].read_text(errors="replace"))
        self.state.path += files["GITHUB_PATH"].read_text(errors="replace").split("\n")[:-1]
        self.summary = files["GITHUB_STEP_SUMMARY"].read_text(errors="replace")


def parse_assignments(text: str) -> dict[str, str]:
    """`name=value` lines and `name<<END … END` blocks. Raises StepFailed for anything else."""
    values: dict[str, str] = {}
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
            values[name] = "\n".join(block)
        elif equals > 0:
            values[line[:equals]] = line[equals + 1 :]
        else:
            raise StepFailed(f"Unable to process file command successfully. Invalid format '{line}'")
    return values
